using Microsoft.Extensions.Logging;
using TelemetryPipeline.Heatmap.Histograms;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Heatmap;

/// <summary>
/// Counts the latencies of spans and histograms in one rolling hour of 10 ms by a second, and hands on what has changed
/// every second as an OTLP histogram.
/// </summary>
internal sealed partial class LatencyHeatmapConnector : IConnector
{
    private const long TicksPerSecond = TimeSpan.TicksPerSecond;
    private const int RetireEverySeconds = 60;
    private const long StreamsLimitBytes = 4 << 20;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Outlet _outlet;
    private readonly SpanIntake _spans;
    private readonly HistogramIntake _histograms;
    private readonly CumulativeStreams _streams;
    private readonly FrameWriter _frames;
    private readonly HeatmapMetrics _metrics;
    private readonly List<(int Series, long Second)> _touched = [];
    private readonly TaskCompletionSource _stopping = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private OtlpChunk? _pending;
    private Task _running = Task.CompletedTask;
    private long _retiredSecond;

    public LatencyHeatmapConnector(ComponentContext context, LatencyHeatmapConfig config, Outlet outlet)
    {
        _logger = context.Loggers.CreateLogger(context.Id.ToString());
        _time = context.Time;
        _outlet = outlet;
        Grid = new LatencyGrid(
            config.MemoryLimitBytes - config.ExemplarLimitBytes,
            config.FutureSeconds,
            new ExemplarStore(config.ExemplarLimitBytes));
        _metrics = new HeatmapMetrics(context, Grid, config.MemoryLimitBytes);
        _streams = new CumulativeStreams(StreamsLimitBytes);
        _spans = new SpanIntake(Grid, config.Dimensions, config.SpanKinds, _metrics.SkippedSpans);
        _histograms = new HistogramIntake(Grid, config.Dimensions, config.Histograms, _streams, _metrics);
        _frames = new FrameWriter(Grid, config.Dimensions, config.MetricName);
        _pressed = new LogPace(_time, TimeSpan.FromSeconds(10));
        Grid.Advance(NowSecond);
    }

    /// <summary>The counts.</summary>
    internal LatencyGrid Grid { get; }

    private long NowSecond => (_time.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) / TicksPerSecond;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation)
    {
        Grid.Advance(NowSecond);
        _streams.Begin((ulong)NowSecond * 1_000_000_000);
        _running = RunAsync();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellation)
    {
        if (!_stopping.TrySetResult())
        {
            return;
        }

        await _running.ConfigureAwait(false);
        Grid.Flush();
        await EmitAsync(long.MaxValue, cancellation).ConfigureAwait(false);
        if (_pending is not null)
        {
            LogLeft(_pending.ItemCount);
            _metrics.RejectedFramePoints("shutdown").Add(_pending.ItemCount);
            _pending.Release();
            _pending = null;
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
    internal async Task TickAsync()
    {
        var now = NowSecond;
        Grid.Flush();
        Grid.Advance(now);
        if (now - _retiredSecond >= RetireEverySeconds)
        {
            _retiredSecond = now;
            Grid.RetireIdle();
            _histograms.ForgetIdle(now);
        }

        // The second that is still open goes out when it is over.
        await EmitAsync(now, CancellationToken.None).ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval, _time);
        while (true)
        {
            var tick = timer.WaitForNextTickAsync().AsTask();
            if (await Task.WhenAny(tick, _stopping.Task).ConfigureAwait(false) != tick)
            {
                return;
            }

            await TickAsync().ConfigureAwait(false);
        }
    }

    // One frame at a time: while the next pipeline does not take it, further changes stay in the grid, where they are
    // compact, bounded and merged by second. Called by the one loop, and after its end.
    private async Task EmitAsync(long beforeSecond, CancellationToken cancellation)
    {
        while (_outlet.IsConnected && (_pending ??= _frames.Write(beforeSecond, _touched)) is { } frame)
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
        var result = await _outlet.ConsumeAsync(batch, cancellation).ConfigureAwait(false);
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
}
