using System.Linq;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Pipeline.Graph;

namespace TelemetryPipeline.Tests.Pipeline.Graph;

public sealed class FanOutTests
{
    private static readonly ConsumeResult Full = ConsumeResult.Retry("queue_full", "full", TimeSpan.FromSeconds(2));
    private static readonly ConsumeResult Bad = ConsumeResult.Rejected("invalid", "bad", 3);

    private readonly MetricRegistry _metrics = new();
    private readonly TestExporter _a = new("a", new Journal());
    private readonly TestExporter _b = new("b", new Journal());

    [Theory]
    [InlineData(FanOutMode.AtLeastOnce, "ok", "ok", ConsumeOutcome.Accepted)]
    [InlineData(FanOutMode.AtLeastOnce, "retry", "ok", ConsumeOutcome.Retry)]
    [InlineData(FanOutMode.AtLeastOnce, "rejected", "ok", ConsumeOutcome.Rejected)]
    [InlineData(FanOutMode.AtLeastOnce, "rejected", "retry", ConsumeOutcome.Retry)]
    [InlineData(FanOutMode.Isolate, "retry", "ok", ConsumeOutcome.Accepted)]
    [InlineData(FanOutMode.Isolate, "ok", "rejected", ConsumeOutcome.Accepted)]
    [InlineData(FanOutMode.Isolate, "retry", "retry", ConsumeOutcome.Retry)]
    [InlineData(FanOutMode.Isolate, "retry", "rejected", ConsumeOutcome.Retry)]
    [InlineData(FanOutMode.Isolate, "rejected", "rejected", ConsumeOutcome.Rejected)]
    public async Task Consume_TwoBranches_CombinesTheirAnswers(FanOutMode mode, string a, string b, ConsumeOutcome expected)
    {
        Answers(a, b);

        Assert.Equal(expected, (await ConsumeAsync(mode)).Outcome);
    }

    [Fact]
    public async Task Consume_FirstBranchRefuses_OffersToSecondAllTheSame()
    {
        Answers("retry", "ok");

        await ConsumeAsync(FanOutMode.AtLeastOnce);

        Assert.Equal(10, _b.Items);
    }

    [Fact]
    public async Task Consume_SeveralRetry_TakesTheLongestWait()
    {
        _a.OnConsume = static _ => new(Full);
        _b.OnConsume = static _ => new(Full with { RetryAfter = TimeSpan.FromSeconds(9) });

        Assert.Equal(TimeSpan.FromSeconds(9), (await ConsumeAsync(FanOutMode.AtLeastOnce)).RetryAfter);
    }

    [Fact]
    public async Task Consume_BranchRefusesInIsolation_CountsItsShareWithReason()
    {
        Answers("retry", "ok");

        await ConsumeAsync(FanOutMode.Isolate);

        var counter = _metrics.Counter(
            "otelcol_fanout_refused_items", "", ("from", "traces"), ("to", "a"), ("outcome", "retry"), ("reason", "queue_full"));
        Assert.Equal(10, counter.Value);
    }

    [Fact]
    public async Task Consume_BranchesWait_AwaitsThemTogether()
    {
        // Scenario: the first branch waits until the second was reached.
        // Guarantees: a waiting branch holds nobody up.
        var reached = new TaskCompletionSource();
        _a.OnConsume = async _ =>
        {
            await reached.Task;
            return ConsumeResult.Accepted;
        };
        _b.OnConsume = _ =>
        {
            reached.SetResult();
            return new(ConsumeResult.Accepted);
        };

        Assert.True((await ConsumeAsync(FanOutMode.AtLeastOnce)).IsAccepted);
    }

    [Fact]
    public async Task Consume_BranchWaits_KeepsItsDataUntilItAnswers()
    {
        var go = new TaskCompletionSource();
        var seen = 0;
        _a.OnConsume = async batch =>
        {
            await go.Task;
            seen = batch.Chunks.Count;
            return ConsumeResult.Accepted;
        };
        var consuming = ConsumeAsync(FanOutMode.AtLeastOnce);

        go.SetResult();
        await consuming;

        Assert.Equal(1, seen);
    }

    [Fact]
    public async Task Consume_BranchThrows_OthersGetTheBatchAndTheBugSurfaces()
    {
        _a.OnConsume = static _ => throw new InvalidOperationException("bug");

        await Assert.ThrowsAsync<InvalidOperationException>(() => ConsumeAsync(FanOutMode.Isolate));

        Assert.Equal(10, _b.Items);
    }

    [Theory]
    [InlineData(FanOutMode.AtLeastOnce, false)]
    [InlineData(FanOutMode.Isolate, true)]
    public void Admit_OneBranchWouldRefuse_FollowsMode(FanOutMode mode, bool admitted)
    {
        _a.Admission = Full;

        Assert.Equal(admitted, Make(mode).Admit(Signal.Traces).IsAccepted);
    }

    [Fact]
    public void Admit_AllBranchesWouldRefuseInIsolation_Refuses()
    {
        _a.Admission = _b.Admission = Full;

        Assert.Equal("queue_full", Make(FanOutMode.Isolate).Admit(Signal.Traces).Reason);
    }

    private static Func<OtlpBatch, ValueTask<ConsumeResult>> Answer(string word) => word switch
    {
        "retry" => static _ => new(Full),
        "rejected" => static _ => new(Bad),
        _ => static _ => new(ConsumeResult.Accepted),
    };

    private void Answers(string a, string b) => (_a.OnConsume, _b.OnConsume) = (Answer(a), Answer(b));

    private FanOut Make(FanOutMode mode) =>
        new("traces", [.. new[] { _a, _b }.Select(static e => new FanOutBranch(e.Name, e))], mode, _metrics);

    private async Task<ConsumeResult> ConsumeAsync(FanOutMode mode)
    {
        using var batch = TestBatches.Of(Signal.Traces, 10);
        return await Make(mode).ConsumeAsync(batch, CancellationToken.None);
    }
}
