using Microsoft.Extensions.Logging;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Pipeline.Sending;

/// <summary>What an exporter's log says about sending; each message at most once in ten seconds.</summary>
internal sealed partial class SendingEvents(ILogger logger, BackgroundWork background, TimeProvider time)
{
    private readonly LogThrottle _retries = new(time);
    private readonly LogThrottle _drops = new(time);
    private readonly LogThrottle _refusals = new(time);
    private readonly BackgroundLoop _deliveries = background.Watch("delivery");
    private readonly BackgroundLoop _queue = background.Watch("sending_queue");

    public void WillRetry(in ConsumeResult result, TimeSpan delay)
    {
        if (_retries.TryPass(out var suppressed))
        {
            LogWillRetry(logger, result.Reason, result.Message, delay, suppressed);
        }
    }

    public void TransportFailed(Exception exception) => _deliveries.Failed(exception);

    public void TransportWorks() => _deliveries.Succeeded();

    public void QueueFailed(Exception exception) => _queue.Failed(exception);

    public void QueueWorks() => _queue.Succeeded();

    public void Dropped(SendingMetrics metrics, string reason, string message, long items)
    {
        metrics.Dropped(reason).Add(items);
        if (_drops.TryPass(out var suppressed))
        {
            LogDropped(logger, items, reason, message, suppressed);
        }
    }

    public void NotEnqueued(SendingMetrics metrics, in ConsumeResult result, long items)
    {
        metrics.EnqueueFailed.Add(items);
        if (_refusals.TryPass(out var suppressed))
        {
            LogNotEnqueued(logger, items, result.Reason, result.Message, suppressed);
        }
    }

    public void LeftInMemory(SendingMetrics metrics, string signal, long batches, long items)
    {
        metrics.SendFailed.Add(items);
        metrics.Dropped("shutdown").Add(items);
        LogLeftInMemory(logger, signal, batches, items);
    }

    public void LeftOnDisk(string signal, long batches, long items) => LogLeftOnDisk(logger, signal, batches, items);

    [LoggerMessage(Level = LogLevel.Information,
        Message = "Sending failed ({Reason}: {Message}); retrying in {Delay}; {Suppressed} similar messages suppressed")]
    private static partial void LogWillRetry(ILogger logger, string reason, string message, TimeSpan delay, long suppressed);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "Dropped {Items} items ({Reason}: {Message}); {Suppressed} similar messages suppressed")]
    private static partial void LogDropped(ILogger logger, long items, string reason, string message, long suppressed);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Refused {Items} items ({Reason}: {Message}); returning a retryable error to the sender; {Suppressed} similar "
        + "messages suppressed")]
    private static partial void LogNotEnqueued(ILogger logger, long items, string reason, string message, long suppressed);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "{Batches} batches ({Items} items) of {Signal} undelivered in memory; discarded at shutdown")]
    private static partial void LogLeftInMemory(ILogger logger, string signal, long batches, long items);

    [LoggerMessage(Level = LogLevel.Information,
        Message = "{Batches} batches ({Items} items) of {Signal} undelivered at shutdown; kept on disk")]
    private static partial void LogLeftOnDisk(ILogger logger, string signal, long batches, long items);
}
