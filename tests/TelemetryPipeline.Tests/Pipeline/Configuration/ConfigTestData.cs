namespace TelemetryPipeline.Tests.Pipeline.Configuration;

/// <summary>Files under <c>tests/testdata/config</c>, by paths relative to the repository.</summary>
internal static class ConfigTestData
{
    private static readonly string Root = FindRoot();

    public static string Folder(string name) => Path.Combine(Root, "tests", "testdata", "config", name);

    /// <summary>Takes the place of the repository out of a text, which differs from machine to machine.</summary>
    public static string WithoutRoot(string text) => text.Replace(Root + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);

    /// <summary>Compares with a golden file; <c>UPDATE_GOLDEN=1</c> writes it instead.</summary>
    public static void AssertGolden(string path, string actual)
    {
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, actual);
        }

        Assert.Equal(File.ReadAllText(path), actual);
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "TelemetryPipeline.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("not inside the repository");
    }
}
