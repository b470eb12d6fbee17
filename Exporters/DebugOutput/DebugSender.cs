using Microsoft.Extensions.Logging;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Pipeline.Sending;

namespace TelemetryPipeline.Exporters.DebugOutput;

/// <summary>Shows batches to whoever looks at the collector's log or output.</summary>
/// <remarks>It is no destination that keeps data: what cannot be shown is counted, and passes all the same.</remarks>
internal sealed partial class DebugSender : ISender, IDisposable
{
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(10);

    // Keeps the lines of a batch together, and guards all that follows.
    private readonly Lock _lock = new();
    private readonly BatchSampler _sampler;
    private readonly IDebugDestination _destination;
    private readonly BatchText? _text;
    private readonly LogThrottle _throttle;
    private bool _isOpen;

    /// <summary>A sender; outputs are opened by the start.</summary>
    /// <param name="context">The exporter's surroundings.</param>
    /// <param name="config">The settings.</param>
    public DebugSender(ComponentContext context, DebugConfig config)
    {
        _log = context.Loggers.CreateLogger<DebugSender>();
        _sampler = new BatchSampler(config, context.Time);
        _destination = config.UseInternalLogger ? new LogDestination(_log) : new StreamDestination(config.OutputPaths);
        _throttle = new LogThrottle(context.Time, LogInterval);
        _text = config.Verbosity switch
        {
            DebugVerbosity.Normal => new NormalText(_destination),
            DebugVerbosity.Detailed => new DetailedText(_destination),
            _ => null,
        };
        _writeFailures = context.Metrics.Counter(
            "otelcol_exporter_debug_write_failures",
            "Batches that passed without being shown, since the output could not be written.",
            ("exporter", context.Id.ToString()));
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation)
    {
        lock (_lock)
        {
            try
            {
                _destination.Open();
                _isOpen = true;
            }
            catch (Exception e) when (IsWriteFailure(e))
            {
                _destination.Dispose();
                throw new ComponentStartException($"cannot open output_paths for writing: {e.Message}", e);
            }
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellation)
    {
        Dispose();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _isOpen = false;
            _destination.Dispose();
            _text?.Dispose();
        }
    }

    /// <inheritdoc/>
    public ValueTask<ConsumeResult> SendAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (!_isOpen)
            {
                return new(ConsumeResult.Retry("stopped", "the debug exporter is not running"));
            }

            if (_sampler.Takes(batch.Signal))
            {
                try
                {
                    _destination.WriteSummary(BatchSummary.Of(batch));
                    _text?.Write(batch);
                }
                catch (Exception e) when (IsWriteFailure(e))
                {
                    WriteFailed(e);
                }
            }
        }

        return new(ConsumeResult.Accepted);
    }

    private static bool IsWriteFailure(Exception failure) => failure is IOException or UnauthorizedAccessException;
}
