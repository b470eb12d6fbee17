using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging.Abstractions;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Pipeline.Sending;
using TelemetryPipeline.Pipeline.Sending.Durable;

namespace TelemetryPipeline.Tests.Pipeline.Sending;

/// <summary>An exporter over a scripted transport, with its metrics at hand.</summary>
internal sealed class SendingHarness : IExtensionHost, IQueueStorage
{
    private readonly SegmentLogOptions? _storage;

    public SendingHarness(
        QueueConfig? queue = null, RetryConfig? retry = null, TimeSpan timeout = default,
        SegmentLogOptions? storage = null, TimeProvider? time = null,
        IReadOnlyList<Signal>? signals = null)
    {
        _storage = storage;
        var context = new ComponentContext
        {
            Id = new ComponentId("test", ""),
            Signals = signals ?? [Signal.Traces],
            Loggers = NullLoggerFactory.Instance,
            Metrics = Metrics,
            Time = time ?? Time,
            Extensions = this,
            ReportStatus = (status, _) =>
            {
                Statuses.Enqueue(status);
                OnStatus(status);
            },
        };
        var config = new SendingConfig
        {
            Queue = queue ?? new QueueConfig(),
            Retry = retry ?? new RetryConfig { RandomizationFactor = 0 },
            Timeout = timeout,
        };
        Exporter = new SendingExporter(context, config, Sender, new Random(7));
    }

    public TimeThatTells Time { get; } = new();

    public MetricRegistry Metrics { get; } = new();

    public ScriptedSender Sender { get; } = new();

    public SendingExporter Exporter { get; }

    public ConcurrentQueue<ComponentStatus> Statuses { get; } = new();

    /// <summary>Called with each status.</summary>
    public Action<ComponentStatus> OnStatus { get; set; } = static _ => { };

    public async Task<ConsumeResult> OfferAsync(OtlpBatch batch)
    {
        using (batch)
        {
            return await Exporter.ConsumeAsync(batch, CancellationToken.None);
        }
    }

    public Task<ConsumeResult> OfferAsync(params long[] ids) => OfferAsync(CancellationToken.None, null, ids);

    [SuppressMessage("Design", "CA1068", Justification = "The ids are a list at the end.")]
    public async Task<ConsumeResult> OfferAsync(CancellationToken cancellation, RequestMetadata? metadata, params long[] ids)
    {
        using var batch = ScriptedSender.BatchOf(metadata, ids);
        return await Exporter.ConsumeAsync(batch, cancellation);
    }

    public long Counter(string name, string label = "")
    {
        long sum = 0;
        foreach (var family in Metrics.Families)
        {
            foreach (var (labels, value) in family.Series)
            {
                if (family.Name == name && labels.Contains(label, StringComparison.Ordinal))
                {
                    sum += value is Counter counter ? counter.Value : (long)((Gauge)value).Read();
                }
            }
        }

        return sum;
    }

    public long Sent => Counter("otelcol_exporter_sent_spans");

    public long SendFailed => Counter("otelcol_exporter_send_failed_spans");

    public long EnqueueFailed => Counter("otelcol_exporter_enqueue_failed_spans");

    public long QueueSize => Counter("otelcol_exporter_queue_size");

    public long Dropped(string reason = "") => Counter("otelcol_exporter_dropped_spans", $"reason=\"{reason}");

    public T? Find<T>(ComponentId id)
        where T : class => _storage is null ? null : this as T;

    public ValueTask<SegmentLogLease> OpenAsync(ComponentId owner, Signal signal) => SegmentLogLease.OpenAsync(_storage!);
}
