using System.Net;
using Microsoft.Extensions.Logging;
using TelemetryPipeline.Heatmap.Histograms;
using TelemetryPipeline.Heatmap.Query;
using TelemetryPipeline.Heatmap.Snapshots;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Heatmap;

/// <summary>
/// Counts the latencies of spans and histograms in one rolling hour of 10 ms by a second, and forwards what has changed
/// every second as an OTLP histogram.
/// </summary>
internal sealed partial class LatencyHeatmapConnector : IConnector
{
    private const long TicksPerSecond = TimeSpan.TicksPerSecond;
    private const int RetireEverySeconds = 60;
    private const int StreamsShare = 16; // one part of so many is for the state of cumulative streams
    private const int SnapshotFactorMax = 2; // a snapshot holds what the memory holds, without the fixed parts
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Outlet _outlet;
    private readonly SpanIntake _spans;
    private readonly HistogramIntake _histograms;
    private readonly CumulativeStreams _streams;
    private readonly FrameWriter _frames;
    private readonly HeatmapMetrics _metrics;
    private readonly HeatmapDimension[] _dimensions;
    private readonly HeatmapStream _stream;
    private readonly PageListener? _listener;
    private readonly SnapshotFile? _snapshot;
    private readonly TimeSpan _snapshotInterval;
    private readonly Action<ComponentStatus, string> _reportStatus;
    private readonly TaskCompletionSource _stopping = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly BackgroundWork _background;
    private readonly BackgroundLoop _frameLoop;
    private OtlpChunk? _pending;
    private Task _running = Task.CompletedTask;
    private Task _saving = Task.CompletedTask;
    private Task _emitting = Task.CompletedTask;
    private long _retiredSecond;
    private bool _isStarted;

    public LatencyHeatmapConnector(ComponentContext context, LatencyHeatmapConfig config, Outlet outlet)
    {
        _logger = context.Loggers.CreateLogger(context.Id.ToString());
        _time = context.Time;
        _outlet = outlet;
        _background = context.Background;
        _frameLoop = _background.Watch("frame_emission");
        var streamsLimitBytes = config.MemoryLimitBytes / StreamsShare;
        Grid = new LatencyGrid(
            config.MemoryLimitBytes - config.ExemplarLimitBytes - streamsLimitBytes,
            config.FutureSeconds,
            new ExemplarStore(config.ExemplarLimitBytes));
        _metrics = new HeatmapMetrics(context, Grid, config.MemoryLimitBytes);
        _streams = new CumulativeStreams(streamsLimitBytes);
        var series = new SeriesKeys(config.Dimensions, context.Slots);
        _spans = new SpanIntake(Grid, series, config.SpanKinds, _metrics.SkippedSpans);
        _histograms = new HistogramIntake(Grid, series, config.Histograms, _streams, _metrics);
        _frames = new FrameWriter(Grid, config.Dimensions, config.MetricName);
        _dimensions = config.Dimensions;
        _reportStatus = context.ReportStatus;
        _stream = new HeatmapStream(Grid, config.StreamClientsMax, _metrics.DroppedStreamClients);
        _metrics.ObserveStream(_stream);
        if (config.QueryEndpoint is { } endpoint)
        {
            var api = new HeatmapApi(Grid, config.Dimensions, _stream, _time.GetUtcNow().UtcTicks);
            _listener = new PageListener(new PageServer(endpoint, api.Answer, context.Loggers, config.QueryAllowedHosts), context);
        }

        if (config.SnapshotFile is { } file)
        {
            _snapshot = new SnapshotFile(file, config.MemoryLimitBytes * SnapshotFactorMax);
            _snapshotInterval = config.SnapshotInterval;
        }

        _pressed = new LogThrottle(_time);
        Grid.Advance(NowSecond);
    }

    /// <summary>The counts.</summary>
    internal LatencyGrid Grid { get; }

    /// <summary>Where the query API listens; null while it does not.</summary>
    internal IPEndPoint? QueryAddress => _listener?.Address;

    private long NowSecond => (_time.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) / TicksPerSecond;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellation)
    {
        Grid.Advance(NowSecond);
        _streams.Begin((ulong)NowSecond * 1_000_000_000);
        if (_snapshot is not null)
        {
            OnRestored(_snapshot.Restore(Grid, _dimensions, out var detail), detail);
            _saving = _background.RepeatEveryAsync("snapshot", _snapshotInterval, SaveStepAsync, _stopping.Task);
        }

        if (_listener is not null)
        {
            await _listener.StartAsync(cancellation).ConfigureAwait(false);
        }

        _isStarted = true;
        _running = _background.RepeatEveryAsync("tick", Interval, TickStepAsync, _stopping.Task);
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellation)
    {
        if (!_stopping.TrySetResult())
        {
            return;
        }

        _stream.Close();
        if (_listener is not null)
        {
            await _listener.StopAsync(cancellation).ConfigureAwait(false);
        }

        await _running.ConfigureAwait(false);
        await _saving.ConfigureAwait(false);
        await EmitRestAsync(cancellation).ConfigureAwait(false);
        try
        {
            await (_isStarted ? SaveAsync() : Task.CompletedTask).WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            OnSaved("it took longer than the stop may");
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Always accepts: what cannot be counted is counted as refused by its reason, and sending it again would not help.
    /// </remarks>
    public ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        Count(batch);
        return new(ConsumeResult.Accepted);
    }

    /// <summary>Counts what a batch holds.</summary>
    internal void Count(OtlpBatch batch)
    {
        if (batch.Signal == Signal.Traces)
        {
            _spans.Record(batch);
        }
        else
        {
            _histograms.Record(batch);
        }
    }

    /// <summary>What happens every second: the clock moves on, and what has changed goes out.</summary>
    internal Task TickAsync()
    {
        Tick();
        return _emitting;
    }

    private ValueTask<bool> TickStepAsync()
    {
        Tick();
        return new(true);
    }

    private async ValueTask<bool> SaveStepAsync()
    {
        await SaveAsync().ConfigureAwait(false);
        return true;
    }

    // The clock must not wait for the next pipeline, which may hold a frame for as long as its queue is full.
    private void Tick()
    {
        var now = NowSecond;
        Grid.Flush();
        Grid.Advance(now);
        if (now - _retiredSecond >= RetireEverySeconds)
        {
            _retiredSecond = now;
            _histograms.ForgetIdle(now);
        }

        _stream.Publish();
        if (_emitting.IsCompleted)
        {
            // The second that is still open goes out when it is over.
            _emitting = EmitAsync(now, CancellationToken.None);
        }
    }

    private async Task EmitRestAsync(CancellationToken cancellation)
    {
        Grid.Flush();
        try
        {
            await _emitting.WaitAsync(cancellation).ConfigureAwait(false);
            await EmitAsync(long.MaxValue, cancellation).WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // what is left is counted below
        }

        if (_pending is { } left)
        {
            LogLeft(left.ItemCount);
            _metrics.RejectedFramePoints("shutdown").Add(left.ItemCount);
        }
    }

    // On a thread of its own: a disk that hangs must not hold up frames.
    private Task SaveAsync() => _snapshot is null ? Task.CompletedTask : _background.RunAsync("snapshot", SaveSnapshotAsync);

    private Task SaveSnapshotAsync()
    {
        OnSaved(_snapshot!.Save(Grid, _dimensions));
        return Task.CompletedTask;
    }

    // One frame at a time: while the next pipeline does not take it, further changes stay in the grid, where they are
    // compact, bounded and merged by second. One call at a time: the loop starts the next when the one before has ended.
    private async Task EmitAsync(long beforeSecond, CancellationToken cancellation)
    {
        while (_outlet.IsConnected && (_pending ??= _frames.Write(beforeSecond)) is { } frame)
        {
            if (!await SendAsync(frame, cancellation).ConfigureAwait(false))
            {
                return;
            }

            frame.Release();
            _pending = null;
        }
    }

    private async Task<bool> SendAsync(OtlpChunk frame, CancellationToken cancellation)
    {
        using var batch = new OtlpBatch(frame.Retain());
        var result = await ConsumeAsync(batch, frame, cancellation).ConfigureAwait(false);
        switch (result.Outcome)
        {
            case ConsumeOutcome.Retry:
                OnRefused(result);
                return false;
            case ConsumeOutcome.Rejected:
                OnRejected(result);
                break;
            default:
                _metrics.Frames.Add(1);
                _metrics.FramePoints.Add(frame.ItemCount);
                break;
        }

        return true;
    }

    private async ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, OtlpChunk frame, CancellationToken cancellation)
    {
        try
        {
            var result = await _outlet.ConsumeAsync(batch, cancellation).ConfigureAwait(false);
            _frameLoop.Succeeded();
            return result;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            // Offering the same frame again would fail again, and hold up those behind it.
            _frameLoop.Failed(e);
            return ConsumeResult.Rejected("internal_error", $"unexpected error in the next pipeline: {e.Message}", frame.ItemCount);
        }
    }
}
