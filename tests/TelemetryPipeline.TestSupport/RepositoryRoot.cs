using System.Runtime.CompilerServices;

namespace TelemetryPipeline.TestSupport;

/// <summary>Where the sources are, for tests that read them.</summary>
public static class RepositoryRoot
{
    /// <summary>The folder of the solution file.</summary>
    public static string Path { get; } = Find(AppContext.BaseDirectory) ?? Find(Source()) ?? throw new InvalidOperationException(
        $"TelemetryPipeline.sln is neither above {AppContext.BaseDirectory} nor above {Source()}");

    private static string Source([CallerFilePath] string file = "") => file;

    private static string? Find(string path)
    {
        for (var folder = path; folder is not null; folder = System.IO.Path.GetDirectoryName(folder))
        {
            if (File.Exists(System.IO.Path.Combine(folder, "TelemetryPipeline.sln")))
            {
                return folder;
            }
        }

        return null;
    }
}
