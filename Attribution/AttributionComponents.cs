using TelemetryPipeline.Attribution.Marking;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Attribution;

/// <summary>The components of the attribution of this build, one line each.</summary>
public static class AttributionComponents
{
    /// <summary>Their factories.</summary>
    public static IReadOnlyList<ComponentFactory> All { get; } =
    [
        new AttributionMarkFactory(),
        new AnomalyAttributionFactory(),
    ];
}
