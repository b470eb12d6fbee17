using System.Diagnostics;
using SharpFuzz;

namespace TelemetryPipeline.Fuzz;

/// <summary>Runs the program again from a copy whose product assemblies report their branches.</summary>
internal static class Instrumentation
{
    /// <summary>Set in the copy's process.</summary>
    private const string Variable = "FUZZ_INSTRUMENTED";

    private static readonly string[] NotProduct = ["TelemetryPipeline.Fuzz.dll", "TelemetryPipeline.TestSupport.dll"];

    /// <summary>Whether this process runs from the instrumented copy.</summary>
    public static bool IsActive => Environment.GetEnvironmentVariable(Variable) == "1";

    /// <summary>Copies, instruments and runs.</summary>
    /// <param name="arguments">The command line.</param>
    /// <returns>The exit code.</returns>
    public static int Rerun(string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("fuzz-instrumented-").FullName;
        try
        {
            Copy(AppContext.BaseDirectory, folder);
            foreach (var file in Directory.EnumerateFiles(folder, "*.dll"))
            {
                var name = Path.GetFileName(file);
                if ((name.StartsWith("TelemetryPipeline.", StringComparison.Ordinal) || name == "telemetry-pipeline.dll")
                    && Array.IndexOf(NotProduct, name) < 0)
                {
                    foreach (var _ in Fuzzer.Instrument(file, static _ => true, SharpFuzz.Options.Value))
                    {
                        // The types are listed as they are instrumented; without the enumeration nothing is.
                    }
                }
            }

            var start = new ProcessStartInfo(
                Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet");
            start.ArgumentList.Add(Path.Combine(folder, "TelemetryPipeline.Fuzz.dll"));
            foreach (var argument in arguments)
            {
                start.ArgumentList.Add(argument);
            }

            start.Environment[Variable] = "1";
            using var process = Process.Start(start)!;
            process.WaitForExit();
            return process.ExitCode;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Copy(string from, string to)
    {
        foreach (var folder in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        }

        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
        }
    }
}
