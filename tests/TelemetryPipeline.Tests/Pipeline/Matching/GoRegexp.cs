using System.Diagnostics;
using System.Linq;
using TelemetryPipeline.TestSupport;

namespace TelemetryPipeline.Tests.Pipeline.Matching;

/// <summary>Go's <c>regexp</c> package as an oracle, by a program that the Go toolchain runs.</summary>
internal static class GoRegexp
{
    /// <summary>Why there is no oracle; null when there is one.</summary>
    public static string? MissingReason { get; } =
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "go")))
            ? null : "the Go toolchain is missing (Debian package golang-go)";

    /// <summary>The answer to each line.</summary>
    public static string[] Answer(IEnumerable<string> lines)
    {
        var folder = Directory.CreateTempSubdirectory("go-regexp-");
        try
        {
            var start = new ProcessStartInfo("go", ["run", Source])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment = { ["GO111MODULE"] = "off", ["GOCACHE"] = folder.FullName, ["GOFLAGS"] = "" },
            };
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEndAsync();
            foreach (var line in lines)
            {
                process.StandardInput.Write(line + "\n");
            }

            process.StandardInput.Close();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, errors.Result);
            return output.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Source { get; } =
        Path.Combine(RepositoryRoot.Path, "tests", "TelemetryPipeline.Tests", "Pipeline", "Matching", "oracle.go");
}
