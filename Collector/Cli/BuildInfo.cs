using System.Reflection;

namespace TelemetryPipeline.Collector.Cli;

/// <summary>What this build calls itself.</summary>
internal static class BuildInfo
{
    /// <summary>Name of the executable.</summary>
    public const string Command = "telemetry-pipeline";

    /// <summary>One sentence on what it is.</summary>
    public const string Description = "OpenTelemetry-Collector-compatible telemetry pipeline";

    /// <summary>Version without the source revision.</summary>
    public static string Version { get; } =
        (typeof(BuildInfo).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0")
        .Split('+')[0];
}
