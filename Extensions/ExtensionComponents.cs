using TelemetryPipeline.Extensions.FileStorage;
using TelemetryPipeline.Extensions.HealthCheck;
using TelemetryPipeline.Extensions.Zpages;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Extensions;

/// <summary>The extensions of this build, one line each.</summary>
public static class ExtensionComponents
{
    /// <summary>Their factories.</summary>
    public static IReadOnlyList<ComponentFactory> All { get; } =
    [
        new HealthCheckFactory(),
        new ZpagesFactory(),
        new FileStorageFactory(),
    ];
}
