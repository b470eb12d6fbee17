using TelemetryPipeline.Connectors.Forward;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Connectors;

/// <summary>The connectors of this build, one line each.</summary>
public static class ConnectorComponents
{
    /// <summary>Their factories.</summary>
    public static IReadOnlyList<ComponentFactory> All { get; } =
    [
        new ForwardFactory(),
    ];
}
