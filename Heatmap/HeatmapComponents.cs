using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Heatmap;

/// <summary>The components of the heat map of this build, one line each.</summary>
public static class HeatmapComponents
{
    /// <summary>Their factories.</summary>
    public static IReadOnlyList<ComponentFactory> All { get; } =
    [
        new LatencyHeatmapFactory(),
    ];
}
