using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Pipeline.Sending;

/// <summary>The counters of one exporter and signal, under the Collector's names.</summary>
internal sealed class SendingMetrics
{
    private readonly MetricRegistry _registry;
    private readonly string _exporter;
    private readonly Signal _signal;

    public SendingMetrics(MetricRegistry registry, ComponentId exporter, Signal signal)
    {
        _registry = registry;
        _exporter = exporter.ToString();
        _signal = signal;
        var items = signal.ItemName();
        Sent = registry.Counter($"otelcol_exporter_sent_{items}", "Items delivered.", ("exporter", _exporter));
        SendFailed = registry.Counter(
            $"otelcol_exporter_send_failed_{items}", "Items whose delivery failed for good.", ("exporter", _exporter));
        EnqueueFailed = registry.Counter(
            $"otelcol_exporter_enqueue_failed_{items}", "Items the queue did not take; the sender was told.", ("exporter", _exporter));
    }

    public Counter Sent { get; }

    public Counter SendFailed { get; }

    public Counter EnqueueFailed { get; }

    /// <summary>Items that were accepted, or refused by the other side, and are lost, by reason.</summary>
    public static Counter Dropped(MetricRegistry registry, string exporter, Signal signal, string reason) => registry.Counter(
        $"otelcol_exporter_dropped_{signal.ItemName()}", "Items lost, by reason.", ("exporter", exporter), ("reason", reason));

    public Counter Dropped(string reason) => Dropped(_registry, _exporter, _signal, reason);

    public void ShowQueue(QueueSpace space)
    {
        _registry.Gauge(
            "otelcol_exporter_queue_size", "What is in the queue, in units of its sizer.", () => space.Used,
            ("exporter", _exporter), ("data_type", _signal.PipelineName()));
        _registry.Gauge(
            "otelcol_exporter_queue_capacity", "What the queue may hold, in units of its sizer.", () => space.Capacity,
            ("exporter", _exporter), ("data_type", _signal.PipelineName()));
    }
}
