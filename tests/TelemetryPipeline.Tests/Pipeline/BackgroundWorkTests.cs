using System.Linq;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.TestSupport;

namespace TelemetryPipeline.Tests.Pipeline;

/// <summary>
/// Scenario: background work of a component throws what nobody expected.
/// Guarantees: for each kind of work, the failure is counted and shown in the component's status, the work starts again
/// after its back-off, and the status recovers with the next run that completes.
/// </summary>
public sealed class BackgroundWorkTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly MetricRegistry _metrics = new();
    private readonly ComponentHealth _health;
    private readonly BackgroundWork _work;

    public BackgroundWorkTests()
    {
        _health = new ComponentHealth(ComponentKind.Receiver, new ComponentId("redis_streams", ""), "", _time);
        _health.Set(ComponentStatus.OK, "");
        _work = new BackgroundWork(NullLogger.Instance, _metrics, _time, "receiver", "redis_streams", _health.SetFault);
    }

    private static TimeSpan Limit => TimeSpan.FromSeconds(60);

    [Fact]
    public async Task RepeatAsync_StepThrows_StartsAgainAfterBackoffAndRecovers()
    {
        using var stop = new CancellationTokenSource();
        var rounds = Channel.CreateUnbounded<int>();
        var round = 0;
        var loop = _work.RepeatAsync("reader", Step, stop.Token);

        await ReachAsync(rounds.Reader, 1);
        await UntilAsync(() => _health.Report.Status == ComponentStatus.RecoverableError);
        Assert.Equal(1, Failures("reader"));
        Assert.Contains("reader: entry 1 cannot be handled", _health.Report.Message, StringComparison.Ordinal);
        await ReachAsync(rounds.Reader, 2);
        await ReachAsync(rounds.Reader, 3);
        await UntilAsync(() => _health.Report.Status == ComponentStatus.OK);
        Assert.Equal(2, Failures("reader"));

        await stop.CancelAsync();
        await loop.WaitAsync(Limit, TestContext.Current.CancellationToken);

        async ValueTask<bool> Step(CancellationToken stop)
        {
            rounds.Writer.TryWrite(++round);
            if (round < 3)
            {
                throw new InvalidOperationException($"entry {round} cannot be handled");
            }

            if (round > 3)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, stop);
            }

            return true;
        }
    }

    [Fact]
    public async Task RepeatAsync_StopDuringBackoff_EndsAtOnce()
    {
        using var stop = new CancellationTokenSource();
        var loop = _work.RepeatAsync("reader", static _ => throw new InvalidOperationException(), stop.Token);
        await UntilAsync(() => Failures("reader") == 1);

        await stop.CancelAsync();

        await loop.WaitAsync(Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task RepeatAsync_CancellationThatIsNotTheStop_CountsAsFailure()
    {
        using var stop = new CancellationTokenSource();
        var loop = _work.RepeatAsync("reader", static _ => throw new TaskCanceledException("a request timed out"), stop.Token);

        await UntilAsync(() => Failures("reader") == 1);

        await stop.CancelAsync();
        await loop.WaitAsync(Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task RepeatEveryAsync_StepThrows_GoesOnWithLaterTicks()
    {
        var stopped = new TaskCompletionSource();
        var ticks = 0;
        var loop = _work.RepeatEveryAsync("tick", Second, Step, stopped.Task);

        await UntilAsync(() => Volatile.Read(ref ticks) == 1, advance: Second);
        await UntilAsync(() => _health.Report.Status == ComponentStatus.RecoverableError);
        Assert.Equal(1, Failures("tick"));
        await UntilAsync(() => _health.Report.Status == ComponentStatus.OK, advance: Second);
        Assert.True(ticks >= 2);

        stopped.SetResult();
        await loop.WaitAsync(Limit, TestContext.Current.CancellationToken);

        ValueTask<bool> Step() =>
            Interlocked.Increment(ref ticks) == 1 ? throw new InvalidOperationException("the first tick") : new(true);
    }

    // A timer's callback is the worst place for an exception: unhandled, it ends the process.
    [Fact]
    public void CreateTimer_PeriodicCallbackThrows_FiresAgain()
    {
        var fired = 0;
        using var timer = _work.CreateTimer("flush", Flush, Second, Second);

        _time.Advance(Second);
        Assert.Equal((1, 1L, ComponentStatus.RecoverableError), (fired, Failures("flush"), _health.Report.Status));
        _time.Advance(Second);
        Assert.Equal((2, 1L, ComponentStatus.OK), (fired, Failures("flush"), _health.Report.Status));

        void Flush()
        {
            if (++fired == 1)
            {
                throw new InvalidOperationException("the first flush");
            }
        }
    }

    [Fact]
    public void CreateWatch_ManyIntervalsMissed_RunsOnceAndGoesOn()
    {
        var runs = 0;
        using var timer = _work.CreateWatch("file_watch", () => runs++, Second);

        _time.Advance(TimeSpan.FromDays(45));
        Assert.Equal(1, runs);
        _time.Advance(Second);
        Assert.Equal(2, runs);
    }

    [Fact]
    public void CreateWatch_CallbackThrows_RunsAgain()
    {
        var runs = 0;
        using var timer = _work.CreateWatch(
            "file_watch", () => _ = ++runs == 1 ? throw new InvalidOperationException("once") : 0, Second);

        _time.Advance(Second);
        _time.Advance(Second);
        _time.Advance(Second);

        Assert.Equal(3, runs);
    }

    [Fact]
    public void CreateTimer_SingleCallbackThrows_FiresAgainAfterTheBackoffAndThenNoMore()
    {
        var fired = 0;
        using var timer = _work.CreateTimer("batch_timeout", Send, Second, Timeout.InfiniteTimeSpan);

        _time.Advance(Second);
        _time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.Equal(1, fired);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(2, fired);
        _time.Advance(TimeSpan.FromMilliseconds(200));
        Assert.Equal(3, fired);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal((3, 2L), (fired, Failures("batch_timeout")));

        void Send()
        {
            if (++fired < 3)
            {
                throw new InvalidOperationException("not yet");
            }
        }
    }

    [Fact]
    public async Task RunAsync_Throws_CompletesAndIsCounted()
    {
        await _work.RunAsync("snapshot", static () => throw new InvalidOperationException()).WaitAsync(Limit, TestContext.Current.CancellationToken);

        Assert.Equal((1L, ComponentStatus.RecoverableError), (Failures("snapshot"), _health.Report.Status));
    }

    [Fact]
    public void Failed_AgainAndAgain_DoublesTheBackoffUpTo30Seconds()
    {
        var loop = _work.Watch("reader");
        double[] delaysMs = [.. Enumerable.Range(0, 11).Select(_ => loop.Failed(new InvalidOperationException()).TotalMilliseconds)];

        Assert.Equal([100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000], delaysMs);
        loop.Succeeded();
        Assert.Equal(100, loop.Failed(new InvalidOperationException()).TotalMilliseconds);
    }

    [Fact]
    public void SetFault_OneOfTwoLoopsRecovers_StatusStaysUntilBothHave()
    {
        var (first, second) = (_work.Watch("reader", "telemetry:traces"), _work.Watch("reader", "telemetry:logs"));
        first.Failed(new InvalidOperationException("traces"));
        second.Failed(new InvalidOperationException("logs"));

        first.Succeeded();
        Assert.Equal("unexpected error in reader telemetry:logs: logs", _health.Report.Message);
        second.Succeeded();
        Assert.Equal((ComponentStatus.OK, ""), (_health.Report.Status, _health.Report.Message));
    }

    [Fact]
    public void SetFault_ComponentSaysOkItself_FaultStaysVisible()
    {
        _health.SetFault("reader", "broken");
        _health.Set(ComponentStatus.OK, "");
        Assert.Equal((ComponentStatus.RecoverableError, "broken"), (_health.Report.Status, _health.Report.Message));

        _health.Set(ComponentStatus.PermanentError, "wrong password");
        Assert.Equal((ComponentStatus.PermanentError, "wrong password"), (_health.Report.Status, _health.Report.Message));
        _health.Set(ComponentStatus.Stopping, "");
        Assert.Equal(ComponentStatus.Stopping, _health.Report.Status);
    }

    private async Task ReachAsync(ChannelReader<int> rounds, int expected)
    {
        await UntilAsync(() => rounds.TryPeek(out _), advance: TimeSpan.FromMilliseconds(100));
        Assert.Equal(expected, await rounds.ReadAsync(TestContext.Current.CancellationToken));
    }

    private Task UntilAsync(Func<bool> condition, TimeSpan advance = default) =>
        Until.TrueAsync(condition, () => _time.Advance(advance));

    private long Failures(string loop)
    {
        foreach (var family in _metrics.Families.Where(static f => f.Name == "otelcol_background_failures"))
        {
            foreach (var (labels, value) in family.Series)
            {
                if (labels.Contains($"loop=\"{loop}\"", StringComparison.Ordinal)
                    && labels.Contains("kind=\"receiver\"", StringComparison.Ordinal))
                {
                    return ((Counter)value).Value;
                }
            }
        }

        return 0;
    }
}
