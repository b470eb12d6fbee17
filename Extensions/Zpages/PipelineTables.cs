using System.Globalization;
using System.Linq;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Extensions.Zpages;

/// <summary>What there is to say about the pipelines.</summary>
internal static class PipelineTables
{
    // Whatever a component counts as not forwarded has one of these words in its name.
    private static readonly string[] LossWords =
    [
        "refused", "rejected", "dropped", "failed", "failures", "lost", "discarded", "evicted", "damaged", "corrupt",
        "expired", "truncated",
    ];

    private static readonly string[] QueueMetrics =
        ["otelcol_exporter_queue_size", "otelcol_exporter_queue_capacity", "otelcol_exporter_in_flight_requests"];

    /// <summary>Every pipeline with its components, every queue, and every counter of what was not forwarded.</summary>
    /// <param name="collector">The collector.</param>
    /// <param name="metrics">Its metrics.</param>
    public static IReadOnlyList<ZpageTable> Pipelines(CollectorStatus collector, MetricRegistry metrics) =>
    [
        new("pipelines", ["pipeline", "kind", "id", "status", "message", "since"],
        [
            .. from pipeline in collector.Pipelines
               from component in pipeline.Receivers.Concat(pipeline.Processors).Concat(pipeline.Exporters)
               select Component(pipeline.Id, component),
        ]),
        new("queues", ["metric", "labels", "value"], Series(metrics, static f => QueueMetrics.Contains(f.Name))),
        new("not_handed_on", ["metric", "labels", "value"], Series(metrics, IsLoss)),
    ];

    private static IReadOnlyList<string> Component(string pipeline, ComponentHealth component) =>
    [
        pipeline, component.Kind.Noun(), component.Id.ToString(), component.Report.Status.ToString(),
        component.Report.Message, component.Report.Since.ToString("O", CultureInfo.InvariantCulture),
    ];

    private static bool IsLoss(MetricFamily family) => family.Kind == MetricKind.Counter
        && Array.Exists(LossWords, word => family.Name.Contains(word, StringComparison.Ordinal));

    private static IReadOnlyList<IReadOnlyList<string>> Series(MetricRegistry metrics, Func<MetricFamily, bool> wanted) =>
    [
        .. from family in metrics.Families
           where wanted(family)
           from series in family.Series
           orderby family.Name, series.Key
           select (IReadOnlyList<string>)[family.Name, series.Key, Value(series.Value)],
    ];

    private static string Value(object instrument) => instrument switch
    {
        Counter counter => counter.Value.ToString(CultureInfo.InvariantCulture),
        Gauge gauge => gauge.Read().ToString(CultureInfo.InvariantCulture),
        _ => "",
    };
}
