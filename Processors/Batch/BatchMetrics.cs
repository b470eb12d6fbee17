using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Processors.Batch;

/// <summary>The metrics of a <c>batch</c> processor, under the Collector's names, and its own for what is dropped.</summary>
internal sealed class BatchMetrics
{
    private static readonly double[] ItemBounds =
    [
        10, 25, 50, 75, 100, 250, 500, 750, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000,
        10_000, 20_000, 30_000, 50_000, 100_000,
    ];

    private static readonly double[] ByteBounds =
    [
        .. ItemBounds, 200_000, 300_000, 400_000, 500_000, 600_000, 700_000, 800_000, 900_000,
        1_000_000, 2_000_000, 3_000_000, 4_000_000, 5_000_000, 6_000_000, 7_000_000, 8_000_000, 9_000_000,
    ];

    private readonly MetricRegistry _registry;
    private readonly string _processor;
    private readonly string _signal;
    private readonly Histogram _items;
    private readonly Histogram _bytes;

    public BatchMetrics(ComponentContext context, Func<double> cardinality, Func<double> heldBytes)
    {
        _registry = context.Metrics;
        _processor = context.Id.ToString();
        _signal = context.Signals[0].PipelineName();
        var processor = ("processor", _processor);
        _items = _registry.Histogram(
            "otelcol_processor_batch_batch_send_size", "Items in a batch that was sent.", ItemBounds, processor);
        _bytes = _registry.Histogram(
            "otelcol_processor_batch_batch_send_size_bytes", "Bytes in a batch that was sent.", ByteBounds, processor);
        SizeTrigger = _registry.Counter(
            "otelcol_processor_batch_batch_size_trigger_send", "Batches sent because they were full.", processor);
        TimeoutTrigger = _registry.Counter(
            "otelcol_processor_batch_timeout_trigger_send", "Batches sent because their time was up.", processor);
        Held = _registry.Counter(
            "otelcol_processor_batch_held_batches", "Batches held because the next component asked for a retry.", processor);
        _registry.Gauge(
            "otelcol_processor_batch_metadata_cardinality",
            "Combinations of metadata values that batches are kept apart by.",
            cardinality,
            processor,
            ("otel_signal", _signal),
            ("otelcol_pipeline_id", context.Pipeline));
        _registry.Gauge(
            "otelcol_processor_batch_held_bytes",
            "Bytes taken and not forwarded yet.",
            heldBytes,
            processor,
            ("otel_signal", _signal),
            ("otelcol_pipeline_id", context.Pipeline));
    }

    /// <summary>Batches sent because they were full.</summary>
    public Counter SizeTrigger { get; }

    /// <summary>Batches sent because their time was up.</summary>
    public Counter TimeoutTrigger { get; }

    /// <summary>Batches held for a retry.</summary>
    public Counter Held { get; }

    /// <summary>A batch was forwarded.</summary>
    public void Sent(int items, long bytes)
    {
        _items.Record(items);
        _bytes.Record(bytes);
    }

    /// <summary>Items were given up.</summary>
    public void Dropped(string reason, int items) =>
        _registry.Counter(
            "otelcol_processor_batch_dropped_items",
            "Items that were taken and could not be forwarded, by reason.",
            ("processor", _processor),
            ("otel_signal", _signal),
            ("reason", reason)).Add(items);

    /// <summary>Items were refused, and the sender told so.</summary>
    public void Refused(string reason, int items) =>
        _registry.Counter(
            "otelcol_processor_batch_refused_items",
            "Items that were not taken, by reason; their sender was told.",
            ("processor", _processor),
            ("otel_signal", _signal),
            ("reason", reason)).Add(items);
}
