using Microsoft.Extensions.Logging;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Pipeline.Sending.Durable;

/// <content>What can happen to the files: each event with its message and its counter.</content>
public sealed partial class SegmentLog
{
    /// <summary>Why items are counted as dropped that were in a damaged record.</summary>
    internal const string DamagedReason = "storage_damaged";

    private readonly HashSet<string> _reported = new(StringComparer.Ordinal);
    private LogThrottle _failures = null!;
    private Counter _damagedRecords = null!;
    private Counter _truncatedRecords = null!;
    private Counter _unreadableSegments = null!;
    private Counter _failedAppends = null!;
    private Counter _damagedItems = null!;

    private void CreateCounters()
    {
        Fsync = _options.Fsync;
        _failures = new LogThrottle(_options.Time);
        var (exporter, signal) = (_options.Owner.ToString(), _options.Signal);
        _damagedRecords = Damage("damaged");
        _truncatedRecords = Damage("truncated");
        _unreadableSegments = _options.Metrics.Counter(
            "otelcol_exporter_queue_unreadable_segments", "Segments of the queue on disk that could not be read and were left in place.",
            ("exporter", exporter), ("data_type", signal.PipelineName()));
        _failedAppends = _options.Metrics.Counter(
            "otelcol_exporter_queue_storage_failures", "Writes that the disk under the queue refused.",
            ("exporter", exporter), ("data_type", signal.PipelineName()));
        _damagedItems = SendingMetrics.Dropped(_options.Metrics, exporter, signal, DamagedReason);

        Counter Damage(string reason) => _options.Metrics.Counter(
            "otelcol_exporter_queue_damaged_records", "Records of the queue on disk that could not be restored.",
            ("exporter", exporter), ("data_type", signal.PipelineName()), ("reason", reason));
    }

    private void Damaged(string segment, long records, long items)
    {
        _damagedRecords.Add(records);
        _damagedItems.Add(items);
        if (IsNew(segment))
        {
            LogDamaged(segment);
        }
    }

    private void Truncated(string segment)
    {
        _truncatedRecords.Add(1);
        LogTruncated(segment);
    }

    private void ReadFailed(string segment, Exception cause)
    {
        _unreadableSegments.Add(1);
        LogReadFailed(segment, cause);
    }

    private void AppendFailed(string path, string reason, Exception cause)
    {
        _failedAppends.Add(1);
        if (_failures.TryPass(out var suppressed))
        {
            LogAppendFailed(path, reason, suppressed, cause);
        }
    }

    private void AckFailed(Exception cause)
    {
        _failedAppends.Add(1);
        if (_failures.TryPass(out var suppressed))
        {
            LogAckFailed(_options.Directory, suppressed, cause);
        }
    }

    private void ReclaimFailed(string segment, Exception cause)
    {
        _failedAppends.Add(1);
        LogReclaimFailed(segment, cause);
    }

    // Once a segment: a broken one may hold thousands of broken records.
    private bool IsNew(string segment)
    {
        lock (_gate)
        {
            return _reported.Add(segment);
        }
    }

    [LoggerMessage(Level = LogLevel.Information,
        Message = "Queue in {Directory} holds {Records} batches ({Items} items, {Bytes} bytes) of an earlier run; sending them")]
    private partial void LogReopened(string directory, long records, long items, long bytes);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "Segment {Segment} is damaged; unreadable records are skipped and counted")]
    private partial void LogDamaged(string segment);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Segment {Segment} ends in an incomplete record, written when the process or the machine stopped; skipping it")]
    private partial void LogTruncated(string segment);

    [LoggerMessage(Level = LogLevel.Error, Message = "Segment {Segment} cannot be read; keeping it until the next start")]
    private partial void LogReadFailed(string segment, Exception cause);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "Writing to {Path} failed ({Reason}); returning a retryable error to senders; {Suppressed} similar messages "
        + "suppressed")]
    private partial void LogAppendFailed(string path, string reason, long suppressed, Exception cause);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Recording a delivery in {Directory} failed; the batch is sent again after a restart; {Suppressed} similar "
        + "messages suppressed")]
    private partial void LogAckFailed(string directory, long suppressed, Exception cause);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Permissions of queue {Directory} cannot be restricted to the process's user; other users may read it: {Error}")]
    private partial void LogNotRestricted(string directory, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Deleting the delivered segment {Segment} failed")]
    private partial void LogReclaimFailed(string segment, Exception cause);
}
