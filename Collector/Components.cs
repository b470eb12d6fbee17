using TelemetryPipeline.Attribution;
using TelemetryPipeline.Connectors;
using TelemetryPipeline.Exporters;
using TelemetryPipeline.Extensions;
using TelemetryPipeline.Heatmap;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Processors;
using TelemetryPipeline.Receiver;

namespace TelemetryPipeline.Collector;

/// <summary>The one registry: every component that this build contains.</summary>
internal static class Components
{
    /// <summary>All of them.</summary>
    public static ComponentRegistry All { get; } = new(
    [
        .. ReceiverComponents.All,
        .. ProcessorComponents.All,
        .. ConnectorComponents.All,
        .. ExporterComponents.All,
        .. ExtensionComponents.All,
        .. HeatmapComponents.All,
        .. AttributionComponents.All,
    ]);
}
