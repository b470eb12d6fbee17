using TelemetryPipeline.Otlp.Schema;

namespace TelemetryPipeline.Otlp;

/// <content>Reading metrics and their points.</content>
public sealed partial class OtlpView
{
    /// <summary>What the points of a sum or histogram count from.</summary>
    /// <param name="node">The index of a metric, or of a node inside one.</param>
    public MetricTemporality Temporality(int node) =>
        DataNumber(node, 2) is var value && value <= (ulong)MetricTemporality.Cumulative ? (MetricTemporality)value : MetricTemporality.Unspecified;

    /// <summary>Whether a sum only grows.</summary>
    /// <param name="node">The index of a metric, or of a node inside one.</param>
    public bool IsMonotonic(int node) => TypeOfMetric(node) == MetricType.Sum && DataNumber(node, 3) != 0;

    /// <summary>Reads a data point.</summary>
    /// <param name="node">The point's node: an item of a metrics chunk.</param>
    public MetricPointView Point(int node) => new(ReceivedBytes(node), Nodes[node].Message);

    private ulong DataNumber(int node, int field)
    {
        var metric = MetricOf(node);
        return metric < 0 || Nodes[metric].Next == metric + 1
            || Nodes[metric + 1].Message is not (MessageKind.Sum or MessageKind.Histogram or MessageKind.ExponentialHistogram)
            ? 0
            : Number(metric + 1, field);
    }
}
