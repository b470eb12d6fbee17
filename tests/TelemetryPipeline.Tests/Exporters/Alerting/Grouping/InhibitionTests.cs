using System.Linq;
using TelemetryPipeline.Exporters.Alerting.Grouping;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Exporters.Alerting.Grouping;

public sealed class InhibitionTests
{
    private const string LockSilencesTimeout =
        "inhibit: [{source: {root_cause: ledger_lock}, target: {root_cause: deadline}, equal: [tenant]}]";

    [Fact]
    public void Take_CauseFires_SilencesItsConsequenceOfTheSameTenant()
    {
        var harness = new BookHarness(LockSilencesTimeout);
        harness.Add(Deadline(1, "bank-a"));
        harness.Add(Lock(2, "bank-a"));
        harness.Add(Deadline(3, "bank-b"));
        harness.Advance(10);
        Assert.Equal(["ledger_lock bank-a", "deadline bank-b"], Told(harness).Order(StringComparer.Ordinal).Reverse());
        Assert.Equal(1, harness.Count("muted_alerts"));
    }

    [Fact]
    public void Take_CauseIsOver_TellsWhatStillFires()
    {
        var harness = new BookHarness(LockSilencesTimeout);
        harness.Add(Deadline(1, "bank-a"));
        harness.Add(Lock(2, "bank-a"));
        harness.Advance(10);
        Assert.Equal(["ledger_lock bank-a"], Told(harness));
        harness.Tell(1);
        harness.Add(Lock(2, "bank-a").Resolved());
        Assert.Equal(["deadline bank-a", "ledger_lock bank-a"], Told(harness).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Take_SilencedUntilItIsOver_TellsNobody()
    {
        var harness = new BookHarness(LockSilencesTimeout);
        harness.Add(Deadline(1, "bank-a"));
        harness.Add(Lock(2, "bank-a"));
        harness.Advance(10);
        Told(harness);
        harness.Tell(1);
        harness.Add(Deadline(1, "bank-a").Resolved());
        harness.Advance(1000);
        Assert.DoesNotContain(Told(harness), static t => t.StartsWith("deadline", StringComparison.Ordinal));
    }

    // A batch on disk is let go when what speaks for it was told.
    [Fact]
    public void Take_Silenced_LetsItsBatchGoOnceTheCauseWasTold()
    {
        var harness = new BookHarness(LockSilencesTimeout);
        var waiter = new BatchWaiter();
        harness.Add(Deadline(1, "bank-a"), waiter);
        waiter.Close(ConsumeResult.Accepted);
        harness.Add(Lock(2, "bank-a"));
        harness.Advance(10);
        harness.Tell(0);
        Assert.False(waiter.Completion.IsCompleted);
        harness.Tell(1);
        harness.Tell(0);
        Assert.True(BookHarness.ResultOf(waiter).IsAccepted);
    }

    // One failing transfer: the gateway's rule sees its span first, the ledger's rule says where it began.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Add_OriginOnThePathOfAnother_IsSilent(bool consequenceFirst)
    {
        var harness = new BookHarness();
        var gateway = new AttributionRecord(1).Trace(7).With("anomaly.rule_id", "gateway_failed").With("anomaly.origin.service", "transfer-orchestrator")
            .With("anomaly.origin.span_id", "00000000000000a2").Chain(
                ("client-terminal", "00000000000000a1", "transfer", 1, "FAILED", ""), ("transfer-orchestrator", "00000000000000a2", "POST", 1, "FAILED", ""));
        var ledger = new AttributionRecord(2).Trace(7);
        foreach (var record in consequenceFirst ? [gateway, ledger] : new[] { ledger, gateway })
        {
            harness.Add(record);
        }

        harness.Advance(10);
        Assert.Equal("insufficient_balance", Assert.Single(harness.Tell()).Newest.RuleId);
        Assert.Equal(1, harness.Book.GroupCount);
    }

    [Fact]
    public void Add_OriginOnThePathOfAnother_IsToldWhenAskedFor()
    {
        var harness = new BookHarness("inhibit_path: false");
        harness.Add(new AttributionRecord(1).Trace(7));
        harness.Add(new AttributionRecord(2).Trace(7).With("anomaly.rule_id", "x").With("anomaly.origin.span_id", "00000000000000a2"));
        harness.Advance(10);
        Assert.Equal(2, harness.Tell().Count);
    }

    [Fact]
    public void Add_SameSpanIdOfAnotherTrace_IsTold()
    {
        var harness = new BookHarness();
        harness.Add(new AttributionRecord(1).Trace(7));
        harness.Add(new AttributionRecord(2).Trace(8).With("anomaly.rule_id", "x").With("anomaly.origin.span_id", "00000000000000a2"));
        harness.Advance(10);
        Assert.Equal(2, harness.Tell().Count);
    }

    private static AttributionRecord Lock(int number, string tenant) =>
        new AttributionRecord(number).With("anomaly.rule_id", "lock").With("anomaly.root_cause", "ledger_lock").With("tenant.id", tenant);

    private static AttributionRecord Deadline(int number, string tenant) =>
        new AttributionRecord(number).With("anomaly.rule_id", "deadline").With("anomaly.root_cause", "deadline").With("tenant.id", tenant);

    private static List<string> Told(BookHarness harness) =>
        [.. harness.Tell().Select(static a => $"{a.Newest.Text("anomaly.root_cause")} {a.Newest.Text("tenant.id")}")];
}
