using System.Runtime.InteropServices;

namespace TelemetryPipeline.Exporters.Outbound;

/// <summary>How the exporters introduce themselves, in the form the Collector uses: product, version, platform.</summary>
internal static class UserAgent
{
    /// <summary>For example <c>TelemetryPipeline/0.1.0 (linux/x64)</c>.</summary>
    public static string Text { get; } = Make();

    private static string Make()
    {
        var version = typeof(UserAgent).Assembly.GetName().Version ?? new Version(0, 0, 0);
        var system = OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux";
        var architecture = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        return $"TelemetryPipeline/{version.ToString(3)} ({system}/{architecture})";
    }
}
