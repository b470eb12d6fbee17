using Microsoft.Extensions.Logging;
using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Pipeline.Files;
using TelemetryPipeline.Pipeline.Sending;

namespace TelemetryPipeline.Exporters.FileOutput;

/// <summary>Writes batches to a file, a record each.</summary>
/// <remarks>
/// Accepted means that the record is in memory or in the file, and in the file within the flush interval. A device that
/// fails makes batches go back to their senders before more than <see cref="RecordFile.BufferSizeMax"/> is at stake.
/// </remarks>
internal sealed partial class FileSender : ISender, IDisposable
{
    // Beyond, a record grows as it is written.
    private const int RecordExpectedMax = 64 << 20;
    private const int NoSpaceUnix = 28;
    private const int NoSpaceWindows = unchecked((int)0x80070070);

    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(10);

    private readonly FileConfig _config;
    private readonly TimeProvider _time;
    private readonly BackgroundWork _background;
    private readonly RecordEncoder _encoder;
    private readonly LogThrottle _rotationThrottle;
    private readonly LogThrottle _flushThrottle;

    // Guards the file and everything in it.
    private readonly Lock _lock = new();
    private RecordFile? _file;
    private ITimer? _flushTimer;

    /// <summary>A sender; the file is opened by the start.</summary>
    /// <param name="context">The exporter's surroundings.</param>
    /// <param name="config">The settings.</param>
    public FileSender(ComponentContext context, FileConfig config)
    {
        _config = config;
        _time = context.Time;
        _background = context.Background;
        _encoder = new RecordEncoder(config);
        _log = context.Loggers.CreateLogger<FileSender>();
        _rotationThrottle = new LogThrottle(context.Time, LogInterval);
        _flushThrottle = new LogThrottle(context.Time, LogInterval);
        var label = ("exporter", context.Id.ToString());
        _rotationFailures = context.Metrics.Counter(
            "otelcol_exporter_file_rotation_failures", "Rotations and reopenings that failed; records go on into the old file.", label);
        _flushFailures = context.Metrics.Counter(
            "otelcol_exporter_file_flush_failures", "Writes of buffered records that failed and are tried again.", label);
        _lost = context.Metrics.Counter(
            "otelcol_exporter_file_lost_items",
            "Items that were accepted and could not be written before the stop.",
            label, ("reason", "write_failed"));
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation)
    {
        try
        {
            if (_config.CreateDirectory && Path.GetDirectoryName(Path.GetFullPath(_config.Path)) is { Length: > 0 } directory)
            {
                PrivateFile.CreateDirectory(directory);
            }

            _file = new RecordFile(_config, _time, out var damage);
            if (damage.Length > 0)
            {
                LogDamage(_log, _config.Path, damage);
            }
        }
        catch (Exception e) when (IsFileFailure(e))
        {
            throw new ComponentStartException($"cannot open {_config.Path} for writing: {e.Message}", e);
        }

        if (_config.FlushInterval > TimeSpan.Zero)
        {
            _flushTimer = _background.CreateTimer("flush", OnFlush, _config.FlushInterval, _config.FlushInterval);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellation)
    {
        if (_flushTimer is not null)
        {
            await _flushTimer.DisposeAsync().ConfigureAwait(false);
        }

        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _flushTimer?.Dispose();
        lock (_lock)
        {
            if (_file is { } file)
            {
                _file = null;
                try
                {
                    if (file.Flush() is { } failure)
                    {
                        RotationFailed(failure);
                    }

                    file.Sync();
                }
                catch (Exception e) when (IsFileFailure(e))
                {
                    Lost(file.BufferedItems, e);
                }

                file.Dispose();
            }
        }

        _encoder.Dispose();
    }

    /// <inheritdoc/>
    public ValueTask<ConsumeResult> SendAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        using var record = new PooledBuffer((int)Math.Min(batch.ByteCount + (batch.ByteCount / 4) + 16, RecordExpectedMax));
        _encoder.Encode(batch, record);
        try
        {
            lock (_lock)
            {
                if (_file is null)
                {
                    return new(ConsumeResult.Retry("stopped", $"the file {_config.Path} is not open"));
                }

                var failure = _file.Append(record.WrittenSpan, batch.ItemCount, flush: _config.FlushInterval == TimeSpan.Zero);
                if (failure is not null)
                {
                    RotationFailed(failure);
                }

                return new(ConsumeResult.Accepted);
            }
        }
        catch (Exception e) when (IsFileFailure(e))
        {
            return new(ConsumeResult.Retry(Reason(e), $"cannot write to {_config.Path}: {e.Message}"));
        }
    }

    private static bool IsFileFailure(Exception failure) => failure is IOException or UnauthorizedAccessException;

    private static string Reason(Exception failure) =>
        failure.HResult is NoSpaceUnix or NoSpaceWindows ? "disk_full" : "write_failed";

    private void OnFlush()
    {
        lock (_lock)
        {
            try
            {
                if (_file?.Flush() is { } failure)
                {
                    RotationFailed(failure);
                }
            }
            catch (Exception e) when (IsFileFailure(e))
            {
                FlushFailed(e);
            }
        }
    }
}
