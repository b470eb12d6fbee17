using System.Linq;
using TelemetryPipeline.Exporters.Alerting.Grouping;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Exporters.Alerting.Grouping;

public sealed class AlertBookTests
{
    private static readonly ConsumeResult Down = ConsumeResult.Retry("connection_refused", "down");

    [Fact]
    public void Take_BurstOfEvents_IsOneAlertAfterTheGroupWait()
    {
        var harness = new BookHarness();
        for (var i = 1; i <= 500; i++)
        {
            Assert.Equal(i == 1 ? EventFate.Opened : EventFate.Added, harness.Add(new AttributionRecord(i)));
        }

        harness.Advance(9.9);
        Assert.Empty(harness.Tell());
        harness.Advance(0.1);

        var alert = Assert.Single(harness.Tell());
        Assert.True(alert.IsFiring);
        Assert.Equal(500, alert.Count);
        Assert.Equal(
            [
                new("alertname", "insufficient_balance"), new("category", "funding"), new("code", "ERR_INSUFFICIENT_BALANCE"),
                new("priority", "P0"), new("root_cause", "account_balance_insufficient"), new("service", "balance-ledger"),
                new("tenant", "bank-a"),
            ],
            alert.Labels);
        Assert.Equal([.. Enumerable.Range(491, 10).Reverse().Select(i => $"{i + 0x1000:x32}")], alert.TraceIds);
        Assert.Empty(harness.Tell());
    }

    [Fact]
    public void Take_MoreEvents_UpdateAfterTheGroupIntervalAndRepeatAfterTheRepeatInterval()
    {
        var harness = new BookHarness("resolve_timeout: 5h, repeat_interval: 1h");
        harness.Add(new AttributionRecord(1));
        harness.Advance(10);
        harness.Tell();
        harness.Add(new AttributionRecord(2));
        harness.Advance(59);
        Assert.Empty(harness.Tell());
        harness.Advance(1);
        Assert.Equal(2, Assert.Single(harness.Tell()).Count);

        harness.Advance(3599);
        Assert.Empty(harness.Tell());
        harness.Advance(1);
        Assert.Equal(2, Assert.Single(harness.Tell()).Count);
    }

    [Fact]
    public void Take_NoNewsForTheResolveTimeout_Resolves()
    {
        var harness = new BookHarness();
        harness.Add(new AttributionRecord(1));
        harness.Advance(10);
        harness.Tell();
        harness.Tell(1);
        harness.Advance(200);
        harness.Add(new AttributionRecord(2));
        harness.Advance(299);
        Assert.True(Assert.Single(harness.Tell()).IsFiring);
        harness.Advance(1);

        var alert = Assert.Single(harness.Tell());
        Assert.False(alert.IsFiring);
        Assert.Equal(harness.Time.GetUtcNow(), alert.EndsAt);
        Assert.Equal(1, harness.Book.GroupCount);
        Assert.False(Assert.Single(harness.Tell(1)).IsFiring);
        Assert.Equal(0, harness.Book.GroupCount);
    }

    [Fact]
    public void Take_EveryEventResolved_ResolvesAtOnce()
    {
        var harness = new BookHarness();
        harness.Add(new AttributionRecord(1));
        harness.Add(new AttributionRecord(2));
        harness.Advance(10);
        harness.Tell();
        Assert.Equal(EventFate.Resolved, harness.Add(new AttributionRecord(1).Resolved()));
        Assert.Empty(harness.Tell());
        Assert.Equal(EventFate.Resolved, harness.Add(new AttributionRecord(2).Resolved()));
        Assert.False(Assert.Single(harness.Tell()).IsFiring);
    }

    [Fact]
    public void Take_ResolvedBeforeItWasDue_TellsNobodyAndIsCounted()
    {
        var harness = new BookHarness();
        harness.Add(new AttributionRecord(1));
        harness.Advance(5);
        harness.Add(new AttributionRecord(1).Resolved());
        harness.Advance(100);
        Assert.Empty(harness.Tell());
        Assert.Equal((0, 1), (harness.Book.GroupCount, harness.Count("unsaid_alerts")));
    }

    [Fact]
    public void Add_Amendment_UpdatesAndDoesNotNotify()
    {
        var harness = new BookHarness();
        harness.Add(new AttributionRecord(1).With("anomaly.impact.amount", 100).With("anomaly.impact.currency", "CNY"));
        harness.Advance(10);
        harness.Tell();
        Assert.Equal(
            EventFate.Amended,
            harness.Add(new AttributionRecord(1).With("anomaly.revision", 2).With("anomaly.impact.amount", 250)
                .With("anomaly.impact.currency", "CNY").Saying("with late spans")));
        harness.Advance(120);
        Assert.Empty(harness.Tell());

        harness.Add(new AttributionRecord(2));
        harness.Add(new AttributionRecord(1).With("anomaly.revision", 2));
        var alert = Assert.Single(harness.Tell());
        Assert.Equal(2, alert.Count);
        Assert.Equal([new("CNY", 250)], alert.Amounts);
    }

    [Fact]
    public void Add_AmendmentWithAnotherCause_MovesTheEvent()
    {
        var harness = new BookHarness();
        harness.Add(new AttributionRecord(1));
        harness.Advance(10);
        harness.Tell();
        Assert.Equal(
            EventFate.Opened,
            harness.Add(new AttributionRecord(1).With("anomaly.revision", 2).With("anomaly.root_cause", "ledger_lock_contention")));
        var old = Assert.Single(harness.Tell());
        Assert.Equal((false, "account_balance_insufficient"), (old.IsFiring, old.Labels.First(static l => l.Key == "root_cause").Value));
        harness.Advance(10);
        var moved = Assert.Single(harness.Tell());
        Assert.Equal((true, "ledger_lock_contention"), (moved.IsFiring, moved.Labels.First(static l => l.Key == "root_cause").Value));
    }

    [Fact]
    public void Add_Duplicates_CountOnce()
    {
        var harness = new BookHarness();
        harness.Add(new AttributionRecord(1));
        Assert.Equal(EventFate.Duplicate, harness.Add(new AttributionRecord(1)));
        harness.Advance(10);
        Assert.Equal(1, Assert.Single(harness.Tell()).Count);
    }

    // Consumers work side by side, so the end of an event may be known before its beginning.
    [Fact]
    public void Add_EndBeforeBeginning_OpensNothing()
    {
        var harness = new BookHarness();
        Assert.Equal(EventFate.Unknown, harness.Add(new AttributionRecord(1).Resolved()));
        Assert.Equal(EventFate.Duplicate, harness.Add(new AttributionRecord(1)));
        Assert.Equal(0, harness.Book.GroupCount);
    }

    [Fact]
    public void Add_AmendmentAfterTheGroupIsOver_IsTooLateButAWindowFiresAgain()
    {
        var harness = new BookHarness();
        harness.Add(new AttributionRecord(1));
        harness.Add(new AttributionRecord(2).With("anomaly.scope", "window").With("anomaly.rule_id", "burst"));
        harness.Advance(10);
        harness.Tell();
        harness.Tell(1);
        harness.Advance(300);
        harness.Tell();
        harness.Tell(1);
        Assert.Equal(0, harness.Book.GroupCount);

        Assert.Equal(EventFate.TooLate, harness.Add(new AttributionRecord(1).With("anomaly.revision", 2)));
        Assert.Equal(
            EventFate.Opened,
            harness.Add(new AttributionRecord(2).With("anomaly.scope", "window").With("anomaly.rule_id", "burst").With("anomaly.revision", 2)));
    }

    [Fact]
    public void Add_Shadow_IsNotTold()
    {
        var harness = new BookHarness();
        Assert.Equal(EventFate.Shadow, harness.Add(new AttributionRecord(1).With("anomaly.shadow", true)));
        Assert.Equal(EventFate.Opened, new BookHarness("include_shadow: true").Add(new AttributionRecord(1).With("anomaly.shadow", true)));
    }

    [Fact]
    public void Take_ReceiverIsAway_IsToldLaterHoweverLongItTakes()
    {
        var harness = new BookHarness();
        harness.Add(new AttributionRecord(1));
        harness.Advance(10);
        Assert.Single(harness.Tell(0, Down));
        Assert.Single(harness.Tell(1));
        harness.Advance(7200);
        Assert.True(Assert.Single(harness.Tell(0)).IsFiring);
        Assert.False(Assert.Single(harness.Tell(0)).IsFiring);
    }

    [Fact]
    public void Take_ReceiverIsAwayForMaxElapsedTime_IsGivenUp()
    {
        var harness = new BookHarness("retry_on_failure: {max_elapsed_time: 60s}, resolve_timeout: 10m");
        var waiter = new BatchWaiter();
        harness.Add(new AttributionRecord(1), waiter);
        waiter.Close(ConsumeResult.Accepted);
        harness.Advance(10);
        harness.Tell(0, Down);
        harness.Tell(1, Down);
        harness.Advance(60);
        harness.Tell(0, Down);
        Assert.False(waiter.Completion.IsCompleted);
        harness.Tell(1, Down);
        Assert.True(waiter.Completion.IsCompleted);
        Assert.Equal("max_elapsed_time", BookHarness.ResultOf(waiter).Reason);
    }

    [Fact]
    public void Done_AllReceiversTold_LetsTheBatchGo()
    {
        var harness = new BookHarness();
        var waiter = new BatchWaiter();
        harness.Add(new AttributionRecord(1), waiter);
        harness.Add(new AttributionRecord(2), waiter);
        waiter.Close(ConsumeResult.Accepted);
        harness.Advance(10);
        harness.Tell(0);
        Assert.False(waiter.Completion.IsCompleted);
        harness.Tell(1);
        Assert.True(BookHarness.ResultOf(waiter).IsAccepted);

        // What joins a group that was told is part of it at once.
        var late = new BatchWaiter();
        harness.Add(new AttributionRecord(3), late);
        late.Close(ConsumeResult.Accepted);
        Assert.True(BookHarness.ResultOf(late).IsAccepted);
    }

    [Fact]
    public void Done_EveryReceiverRefuses_RejectsTheEvents()
    {
        var harness = new BookHarness();
        var waiter = new BatchWaiter();
        harness.Add(new AttributionRecord(1), waiter);
        harness.Add(new AttributionRecord(2), waiter);
        waiter.Close(ConsumeResult.Accepted);
        harness.Advance(10);
        harness.Tell(0, ConsumeResult.Rejected("bad_request", "no", 1));
        harness.Tell(1, ConsumeResult.Rejected("bad_request", "no", 1));
        Assert.Equal(("bad_request", 2), (BookHarness.ResultOf(waiter).Reason, BookHarness.ResultOf(waiter).RejectedCount));
    }

    [Fact]
    public void Done_OneReceiverRefuses_TheOthersKnowledgeIsEnough()
    {
        var harness = new BookHarness();
        var waiter = new BatchWaiter();
        harness.Add(new AttributionRecord(1), waiter);
        waiter.Close(ConsumeResult.Accepted);
        harness.Advance(10);
        harness.Tell(0, ConsumeResult.Rejected("bad_request", "no", 1));
        harness.Tell(1);
        Assert.True(BookHarness.ResultOf(waiter).IsAccepted);
    }

    [Fact]
    public void Take_Stopping_IsDueAtOnceAndAFailureGivesTheBatchBack()
    {
        var harness = new BookHarness();
        var waiter = new BatchWaiter();
        harness.Add(new AttributionRecord(1), waiter);
        waiter.Close(ConsumeResult.Accepted);
        harness.Book.BeginStopping();
        Assert.Single(harness.Tell(0, Down));
        Assert.False(waiter.Completion.IsCompleted);
        harness.Book.GiveBack(0);
        Assert.Equal((ConsumeOutcome.Retry, "shutdown"), (BookHarness.ResultOf(waiter).Outcome, BookHarness.ResultOf(waiter).Reason));
        Assert.Equal(1, harness.Book.CountOwed());
    }

    [Fact]
    public void Add_MoreGroupsThanAllowed_GoToOneOverflowGroup()
    {
        var harness = new BookHarness("max_groups: 3");
        for (var i = 1; i <= 50; i++)
        {
            harness.Add(new AttributionRecord(i).With("tenant.id", $"bank-{i}"));
        }

        harness.Advance(10);
        var alerts = harness.Tell();
        Assert.Equal(4, alerts.Count);
        Assert.Equal(50, alerts.Sum(static a => a.Count));
        Assert.Equal(47, alerts.Single(static a => a.Labels.Any(static l => l is { Key: "overflow", Value: "true" })).Count);
        Assert.Equal(47, harness.Count("overflowed_events"));
    }

    [Fact]
    public void Add_MoreEventsThanRemembered_KeepTheGroupFiringUntilTheirTime()
    {
        var harness = new BookHarness("max_events: 2");
        for (var i = 1; i <= 5; i++)
        {
            harness.Add(new AttributionRecord(i));
        }

        Assert.Equal((2, 3), (harness.Book.EventCount, harness.Count("evicted_events")));
        harness.Advance(10);
        harness.Tell();
        harness.Tell(1);
        harness.Add(new AttributionRecord(4).Resolved());
        harness.Add(new AttributionRecord(5).Resolved());
        Assert.Empty(harness.Tell());
        harness.Advance(290);
        Assert.False(Assert.Single(harness.Tell()).IsFiring);
    }

    [Fact]
    public void Take_SeveralDue_TheMostUrgentFirst()
    {
        var harness = new BookHarness();
        foreach (var (number, priority) in new[] { (1, "P2"), (2, "P0"), (3, "P3"), (4, "P1") })
        {
            harness.Add(new AttributionRecord(number).With("anomaly.priority", priority));
        }

        harness.Advance(10);
        Assert.Equal(["P0", "P1", "P2", "P3"], harness.Tell().Select(static a => a.Newest.Priority));
    }

    // A receiver that chokes on one alert is told the others, and is not asked about that one only.
    [Fact]
    public void Take_OneFailsAgainAndAgain_GoesBehindTheOthers()
    {
        var harness = new BookHarness();
        for (var i = 1; i <= 3; i++)
        {
            harness.Add(new AttributionRecord(i).With("anomaly.priority", i == 1 ? "P0" : "P2").With("tenant.id", $"bank-{i}"));
        }

        harness.Advance(10);
        var tried = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            var ticket = Assert.Single(harness.Book.Take(0, 1).Tickets);
            tried.Add(ticket.Alert.Newest.Text("tenant.id"));
            harness.Book.Done(0, ticket, Down);
            harness.Advance(1);
        }

        Assert.Equal(["bank-1", "bank-2", "bank-3", "bank-1", "bank-2", "bank-3"], tried);
    }

    [Fact]
    public void Add_SuppressedEvents_Count()
    {
        var harness = new BookHarness();
        harness.Add(new AttributionRecord(1).With("anomaly.suppressed", 41));
        harness.Advance(10);
        Assert.Equal(42, Assert.Single(harness.Tell()).Count);
    }
}
