using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Sending.Durable;

namespace TelemetryPipeline.Pipeline.Sending;

/// <summary>An exporter made of a transport and what stands between it and the pipelines: queue, batcher, retries, time limit.</summary>
/// <remarks>Thread-safe. What an accepted batch is promised is in the README beside this file.</remarks>
public sealed class SendingExporter : IExporter, IAdmission
{
    private readonly ComponentContext _context;
    private readonly SendingConfig _config;
    private readonly ISender _transport;
    private readonly Delivery _delivery;
    private readonly SendingEvents _events;
    private readonly ShutdownTokens _shutdown = new();
    private readonly SendingMetrics?[] _metrics = new SendingMetrics?[SignalNames.Count];
    private readonly SendingQueue?[] _queues = new SendingQueue?[SignalNames.Count];
    private readonly List<SegmentLogLease> _leases = [];
    private bool _isStopped;

    /// <summary>Puts the queue in front of a transport.</summary>
    /// <param name="context">The exporter's surroundings; there is a queue for each of its signals.</param>
    /// <param name="config">The settings.</param>
    /// <param name="transport">Makes the attempts; started before and stopped after the queues.</param>
    /// <param name="random">Shifts the waits between attempts; null for one of its own.</param>
    public SendingExporter(ComponentContext context, SendingConfig config, ISender transport, Random? random = null)
    {
        _context = context;
        _config = config;
        _transport = transport;
        _events = new SendingEvents(context.Loggers.CreateLogger($"exporter {context.Id}"), context.Background, context.Time);
        _delivery = new Delivery(
            config, transport, context.Time, random ?? new Random(), new ExporterHealth(context.ReportStatus), _events);
        foreach (var signal in context.Signals)
        {
            var metrics = new SendingMetrics(context.Metrics, context.Id, signal);
            _metrics[(int)signal] = metrics;
            if (config.Queue.Enabled)
            {
                _queues[(int)signal] = new SendingQueue(
                    config.Queue, signal, _delivery, metrics, _events, _shutdown, context.Background, context.Time);
            }
        }

        context.Metrics.Gauge(
            "otelcol_exporter_in_flight_requests", "Requests under way.", () => _delivery.InFlight,
            ("exporter", context.Id.ToString()));
    }

    /// <inheritdoc/>
    public ConsumeResult Admit(Signal signal) => _queues[(int)signal] is { IsFull: true }
        ? ConsumeResult.Retry("queue_full", "the sending queue is full")
        : ConsumeResult.Accepted;

    /// <inheritdoc/>
    public ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        if (_queues[(int)batch.Signal] is { } queue)
        {
            return queue.EnqueueAsync(batch, cancellation);
        }

        return _metrics[(int)batch.Signal] is { } metrics
            ? DeliverAsync(batch, metrics, cancellation)
            : throw new InvalidOperationException($"exporter {_context.Id} is in no {batch.Signal.PipelineName()} pipeline");
    }

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellation)
    {
        await _transport.StartAsync(cancellation).ConfigureAwait(false);
        if (_config.Queue is not { Enabled: true, Storage: { } storageId })
        {
            return;
        }

        var storage = _context.Extensions.Find<IQueueStorage>(storageId) ?? throw new ComponentStartException(
            $"exporter {_context.Id}: sending_queue::storage names {storageId}, which is not a storage extension listed in service::extensions");
        foreach (var queue in _queues)
        {
            if (queue is not null)
            {
                var lease = await storage.OpenAsync(_context.Id, queue.Signal).ConfigureAwait(false);
                _leases.Add(lease);
                queue.Open(lease.Log);
            }
        }
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellation)
    {
        if (_isStopped)
        {
            return;
        }

        _isStopped = true;
        using (cancellation.UnsafeRegister(static shutdown => ((ShutdownTokens)shutdown!).EndNow(), _shutdown))
        {
            _shutdown.BeginStopping();
            var drains = new List<Task>();
            foreach (var queue in _queues)
            {
                drains.Add(queue?.DrainAsync() ?? Task.CompletedTask);
            }

            await Task.WhenAll(drains).ConfigureAwait(false);
            await _transport.StopAsync(cancellation).ConfigureAwait(false);
        }

        foreach (var lease in _leases)
        {
            lease.Dispose();
        }
    }

    // Without a queue the caller waits, keeps its data, and is told how it ended.
    private async ValueTask<ConsumeResult> DeliverAsync(
        OtlpBatch batch, SendingMetrics metrics, CancellationToken cancellation)
    {
        using var limit = new AttemptLimit(_context.Time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _shutdown.End);
        var result = await _delivery.DeliverAsync(batch, limit, isOnDisk: false, _shutdown.Hurry, end.Token)
            .ConfigureAwait(false);
        switch (result.Outcome)
        {
            case ConsumeOutcome.Accepted:
                metrics.Sent.Add(batch.ItemCount);
                return result;
            case ConsumeOutcome.Retry:
                metrics.SendFailed.Add(batch.ItemCount);
                return cancellation.IsCancellationRequested ? result with { Reason = "cancelled" } : result;
            default:
                var rejected = Math.Clamp(result.RejectedCount, 0, batch.ItemCount);
                metrics.Sent.Add(batch.ItemCount - rejected);
                metrics.SendFailed.Add(rejected);
                _events.Dropped(metrics, result.Reason, result.Message, rejected);
                return result;
        }
    }
}
