using Microsoft.Extensions.Logging;
using TelemetryPipeline.Exporters.Alerting.Grouping;
using TelemetryPipeline.Exporters.Alerting.Receivers;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Sending;
using TelemetryPipeline.Transfers.AttributionEvents;

namespace TelemetryPipeline.Exporters.Alerting;

/// <summary>
/// What stands behind the queue: reads events, gives them to the book, and lets a lane for each receiver tell them. A
/// batch that is on disk, or whose sender waits, is answered when its events were told.
/// </summary>
internal sealed partial class AlertSender : ISender, IDisposable
{
    private readonly AlertsConfig _config;
    private readonly AlertsMetrics _metrics;
    private readonly AlertBook _book;
    private readonly ReceiverHealth _health;
    private readonly ReceiverLane[] _lanes;
    private readonly ReceiverClient[] _clients;
    private readonly CancellationTokenSource _end = new();
    private Task _work = Task.CompletedTask;
    private bool _isStarted;
    private bool _isStopped;

    public AlertSender(ComponentContext context, AlertsConfig config, Random random)
    {
        _config = config;
        _log = context.Loggers.CreateLogger<AlertSender>();
        _metrics = new AlertsMetrics(context);
        _health = new ReceiverHealth(context.ReportStatus);
        var timings = new List<ReceiverTiming>();
        foreach (var receiver in config.Receivers)
        {
            timings.Add(receiver.Timing(config.Sending.Retry.MaxElapsedTime));
        }

        _book = new AlertBook(config.Grouping, config.Routes, timings, context.Time, _metrics) { Changed = WakeAll };
        _lanes = new ReceiverLane[config.Receivers.Count];
        _clients = new ReceiverClient[config.Receivers.Count];
        var rates = new Dictionary<(SecretUrl Url, int Limit), RateWindow>();
        for (var i = 0; i < _lanes.Length; i++)
        {
            var receiver = config.Receivers[i];
            var events = new ReceiverEvents(context, receiver.Name, _metrics, _health.Note);
            var notifier = NotifierOf(receiver, context.Time);
            _clients[i] = new ReceiverClient(context, receiver, notifier, config.Sending.Timeout, events.SecretFailed);
            var key = (SecretUrl.Of(receiver), receiver.RateLimit);
            if (!rates.TryGetValue(key, out var rate))
            {
                rates.Add(key, rate = new RateWindow(receiver.RateLimit));
            }

            _lanes[i] = new ReceiverLane(
                i, receiver, _book, notifier, _clients[i], rate, config.Sending.Retry, random, events, context.Background, context.Time);
        }
    }

    /// <summary>Whether every receiver waits for something to be due; for tests.</summary>
    public bool IsIdle => Array.TrueForAll(_lanes, static l => l.IsIdle);

    private readonly record struct SecretUrl(string Text, string File)
    {
        public static SecretUrl Of(ReceiverConfig receiver) => new(receiver.Url.Value?.Reveal() ?? "", receiver.Url.File ?? "");
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation)
    {
        foreach (var client in _clients)
        {
            client.Start();
        }

        _isStarted = true;
        var lanes = new Task[_lanes.Length];
        for (var i = 0; i < _lanes.Length; i++)
        {
            lanes[i] = _lanes[i].RunAsync(_end.Token);
        }

        _work = Task.WhenAll(lanes);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<ConsumeResult> SendAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        var waiter = _config.HoldsBatches ? new BatchWaiter() : null;
        var foreign = 0;
        for (var i = 0; i < batch.ViewCount; i++)
        {
            var view = batch.View(i);
            foreach (var node in view.ItemNodes)
            {
                if (view.IsDropped(node))
                {
                    continue;
                }

                if (AttributionEventReader.Read(view, node) is { } e)
                {
                    _book.Add(e, waiter);
                }
                else
                {
                    foreign++;
                }
            }
        }

        var own = foreign == 0
            ? ConsumeResult.Accepted
            : ConsumeResult.Rejected("not_an_event", $"{foreign} log records are no attribution events ({AttributionKeys.EventName})", foreign);
        if (waiter is null)
        {
            return new(own);
        }

        waiter.Close(own);
        return WaitAsync(waiter, cancellation);
    }

    /// <summary>Has everything told at once that waits for its time.</summary>
    public void BeginStopping()
    {
        _book.BeginStopping();
        foreach (var lane in _lanes)
        {
            lane.Hurry();
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
        foreach (var lane in _lanes)
        {
            lane.Finish(givesUpWhenFailing: _config.HoldsBatches);
        }

        await using (cancellation.UnsafeRegister(static end => ((CancellationTokenSource)end!).Cancel(), _end).ConfigureAwait(false))
        {
            await _work.ConfigureAwait(false);
        }

        if (_isStarted && _book.CountOwed() is var lost and > 0 && !_config.HoldsBatches)
        {
            _metrics.LostEvents("shutdown").Add(lost);
            LogLost(lost, _book.GroupCount);
        }

        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var client in _clients)
        {
            client.Dispose();
        }

        _end.Dispose();
    }

    private static async ValueTask<ConsumeResult> WaitAsync(BatchWaiter waiter, CancellationToken cancellation) =>
        await waiter.Completion.WaitAsync(cancellation).ConfigureAwait(false);

    private INotifier NotifierOf(ReceiverConfig receiver, TimeProvider time) => receiver.Kind switch
    {
        ReceiverKind.Alertmanager => new AlertmanagerNotifier(receiver, time),
        ReceiverKind.Webhook => new WebhookNotifier(receiver),
        _ => new WeComNotifier(receiver, _metrics.Shortened(receiver.Name)),
    };

    private void WakeAll()
    {
        foreach (var lane in _lanes)
        {
            lane.Wake();
        }
    }
}
