using System.Linq;
using TelemetryPipeline.Attribution.Evaluation;

namespace TelemetryPipeline.Tests.Attribution.Windows;

/// <summary>Bursts: distinct traces of a key within a sliding window.</summary>
public sealed class BurstTests
{
    private const string Rules = """
        version: 1
        rules:
          - id: burst
            when: {span.code: ERR_INSUFFICIENT_BALANCE}
            window: {count: 3, within: 60s, by: [payment_channel], resolve_below: 2, max_keys: 2}
            then: {category: funding, root_cause: balance_source, priority: P1}
        """;

    private const string Held = """
        version: 1
        rules:
          - id: burst
            when: {span.code: ERR_INSUFFICIENT_BALANCE}
            window: {count: 2, within: 60s, for: 10s}
            then: {category: funding, root_cause: balance_source, priority: P1}
        """;

    private readonly AttributionHarness _harness = new(Rules);

    [Fact]
    public void Take_CountReached_FiresOnceForItsKey()
    {
        Fail(1, "nucc");
        Fail(2, "nucc");
        Fail(2, "nucc", span: 9); // the same trace
        Fail(3, "unionpay");
        Assert.Empty(_harness.Events);
        Fail(4, "nucc");
        Fail(5, "nucc");

        var only = Assert.Single(_harness.Events);
        Assert.Equal("window", only.Text("anomaly.scope"));
        Assert.Equal(3, only.Int("anomaly.window.count"));
        Assert.Equal(60, only.Int("anomaly.window.seconds"));
        Assert.Equal("payment_channel=nucc", only.Text("anomaly.window.key"));
        Assert.Equal(2, only.Int("anomaly.impact.customers")); // c1, c0, c0
        Assert.Equal(300, only.Int("anomaly.impact.amount"));
        Assert.Equal("ledger", only.Text("anomaly.origin.service"));
    }

    [Fact]
    public void Tick_TracesLeaveTheWindow_ResolvesBelowTheLowerBound()
    {
        Fail(1, "nucc");
        _harness.Pass(TimeSpan.FromSeconds(20));
        Fail(2, "nucc");
        _harness.Pass(TimeSpan.FromSeconds(20));
        Fail(3, "nucc");
        _harness.Pass(TimeSpan.FromSeconds(25)); // the first has left: 2 are not below 2
        Assert.DoesNotContain(_harness.Events, e => e.State == "resolved");
        _harness.Pass(TimeSpan.FromSeconds(20));

        var last = _harness.Events[^1];
        Assert.Equal("resolved", last.State);
        Assert.Equal(1, last.Int("anomaly.window.count"));
        Assert.Single(_harness.Events.Select(e => e.Text("anomaly.event_id")).Distinct());
        Assert.Equal(0, _harness.Metric("firing_windows"));
        _harness.Pass(TimeSpan.FromSeconds(61));
        Assert.Equal(0, _harness.Metric("windows") + _harness.Metric("window_traces"));
    }

    [Fact]
    public void Tick_BurstGoesOn_BringsTheEventUpToDate()
    {
        for (var trace = 1UL; trace <= 3; trace++)
        {
            Fail(trace, "nucc");
        }

        for (var trace = 4UL; trace <= 20; trace++)
        {
            Fail(trace, "nucc");
        }

        _harness.Pass(TimeSpan.FromSeconds(16));
        Assert.Equal([3, 20], _harness.Events.Select(e => e.Int("anomaly.window.count")));
        Assert.Equal([1, 2], _harness.Events.Select(e => e.Int("anomaly.revision")));
    }

    [Fact]
    public void Tick_ForAWhile_FiresAfterItAndNotBefore()
    {
        var harness = new AttributionHarness(Held);
        harness.Send(("ledger", harness.Refused(1, 1)), ("ledger", harness.Refused(2, 1)));
        harness.Pass(TimeSpan.FromSeconds(9));
        Assert.Empty(harness.Events);
        harness.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal("", Assert.Single(harness.Events).Text("anomaly.window.key"));
    }

    [Fact]
    public void Take_SpanOlderThanTheWindow_DoesNotCount()
    {
        var old = _harness.Refused(1, 1).With("payment_channel", "nucc").At(_harness.NowNs - 90_000_000_000, 1_000_000);
        _harness.Send(("ledger", old));
        Assert.Equal(1, _harness.Metric("late_window_hits"));
        Assert.Equal(0, _harness.Metric("window_traces"));
    }

    [Fact]
    public void Take_MoreKeysThanAllowed_EvictsTheLeastUsedAndResolvesIt()
    {
        for (var trace = 1UL; trace <= 3; trace++)
        {
            Fail(trace, "nucc");
        }

        Fail(4, "unionpay");
        Fail(5, "swift");

        Assert.Equal(["firing", "resolved"], _harness.Events.Select(e => e.State));
        Assert.Equal(1, _harness.Metric("evicted_windows"));
        Assert.Equal(2, _harness.Metric("windows"));
    }

    [Fact]
    public void Take_MoreTracesThanAllWindowsMayHold_StaysBounded()
    {
        var harness = new AttributionHarness(Rules, new AttributionSettings { WindowTracesMax = 50, Shards = 8 });
        for (var trace = 1UL; trace <= 200; trace++)
        {
            harness.Send(("ledger", harness.Refused(trace, 1).With("payment_channel", trace % 2 == 0 ? "nucc" : "swift")));
            Assert.InRange(harness.Metric("window_traces"), 1, 50);
        }
    }

    [Fact]
    public void Use_RuleIsGone_ResolvesItsBursts()
    {
        for (var trace = 1UL; trace <= 3; trace++)
        {
            Fail(trace, "nucc");
        }

        _harness.Use(AttributionHarness.InsufficientBalance);
        Assert.Equal(["firing", "resolved"], _harness.Events.Select(e => e.State));
    }

    [Fact]
    public void Use_SameRuleAgain_KeepsCounting()
    {
        Fail(1, "nucc");
        Fail(2, "nucc");
        _harness.Use(Rules);
        Fail(3, "nucc");
        Assert.Equal(3, Assert.Single(_harness.Events).Int("anomaly.window.count"));
    }

    private void Fail(ulong trace, string channel, ulong span = 1) => _harness.Send(("ledger", _harness.Refused(trace, span)
        .With("payment_channel", channel).With("biz.customer_id", $"c{trace % 2}").With("amount", 100L).With("currency", "CNY")));
}
