using System.Linq;
using Google.Protobuf;
using OpenTelemetry.Proto.Logs.V1;

namespace TelemetryPipeline.Tests.Attribution.Events;

/// <summary>The record of an event, field by field, as the types generated from OTLP's .proto files read it.</summary>
public sealed class EventRecordTests
{
    private const string Rules = """
        version: 1
        rules:
          - id: insufficient_balance
            version: 3
            when: {span.status: FAILED, span.code: ERR_INSUFFICIENT_BALANCE}
            group_by: [payment_channel, branch_no]
            evidence: [amount, span.duration]
            then:
              category: funding
              root_cause: account_balance_insufficient
              priority: P0
              notify: [fund-ops, risk-team]
        """;

    private readonly AttributionHarness _harness = new(Rules);
    private readonly ulong _endNs;

    public EventRecordTests()
    {
        _endNs = _harness.NowNs;
        var ledger = _harness.Refused(0xAB, 0x1B, 0x0A).With("amount", 125_000L).With("currency", "CNY")
            .With("payment_channel", "unionpay").With("biz.order_no", "TRD20240521000004567").With("biz.customer_id", new string('c', 64));
        _harness.Send(("client-terminal", _harness.Span("transfer", 0xAB, 0x0A, 0, 40).With("node_type", "client")), ("balance-ledger", ledger));
    }

    private EventRecord Event => Assert.Single(_harness.Events);

    [Fact]
    public void Envelope_IsOfTheOriginAndOfThisScope()
    {
        Assert.Equal("balance-ledger", Event.Resource("service.name"));
        Assert.Equal("payments", Event.Resource("service.namespace"));
        Assert.Equal("bank-a", Event.Resource("tenant.id"));
        Assert.Equal("telemetrypipeline/anomaly_attribution", Assert.Single(Event.Envelope.ScopeLogs).Scope.Name);
    }

    [Fact]
    public void Record_HasTimesIdsAndSeverity()
    {
        var record = Event.Record;
        Assert.Equal("anomaly.attribution", record.EventName);
        Assert.Equal(_endNs, record.TimeUnixNano);
        Assert.Equal(_endNs, record.ObservedTimeUnixNano);
        Assert.Equal(SeverityNumber.Fatal, record.SeverityNumber);
        Assert.Equal("FATAL", record.SeverityText);
        Assert.Equal("000000000000000700000000000000ab", Convert.ToHexStringLower(record.TraceId.Span));
        Assert.Equal("000000000000001b", Convert.ToHexStringLower(record.SpanId.Span));
        Assert.Contains("balance-ledger", record.Body.StringValue, StringComparison.Ordinal);
        Assert.EndsWith(".", record.Body.StringValue, StringComparison.Ordinal);
    }

    [Fact]
    public void Attributes_SayRuleAndVerdict()
    {
        Assert.Equal("1.0", Event.Text("anomaly.schema_version"));
        Assert.Matches("^[0-9a-f]{32}$", Event.Text("anomaly.event_id"));
        Assert.Equal(1, Event.Int("anomaly.revision"));
        Assert.Equal("firing", Event.State);
        Assert.Equal("insufficient_balance", Event.RuleId);
        Assert.Equal(3, Event.Int("anomaly.rule_version"));
        Assert.Equal("span", Event.Text("anomaly.scope"));
        Assert.False(Event.Bool("anomaly.shadow"));
        Assert.Equal("funding", Event.Text("anomaly.category"));
        Assert.Equal("account_balance_insufficient", Event.Text("anomaly.root_cause"));
        Assert.Equal("P0", Event.Text("anomaly.priority"));
        Assert.Equal(["fund-ops", "risk-team"], Event.Value("anomaly.notify").ArrayValue.Values.Select(v => v.StringValue));
    }

    [Fact]
    public void Chain_LeadsFromRootToOrigin()
    {
        Assert.Equal(["client-terminal", "balance-ledger"], Event.Chain.Select(s => s.Service));
        var origin = Event.Chain[^1];
        Assert.Equal("core", origin.Text("node_type"));
        Assert.Equal("000000000000001b", origin.Text("span_id"));
        Assert.Equal("book", origin.Text("name"));
        Assert.Equal((long)_endNs - 10_000_000, origin.Int("start_ns"));
        Assert.Equal(10_000_000, origin.Int("duration_ns"));
        Assert.Equal("reject", origin.Text("status"));
        Assert.Equal("ERR_INSUFFICIENT_BALANCE", origin.Text("code"));
        Assert.Equal("OK", Event.Chain[0].Text("status"));
        Assert.True(Event.Bool("anomaly.chain_complete"));
        Assert.Equal("client-terminal > balance-ledger", Event.Text("anomaly.path"));
        Assert.Equal("balance-ledger", Event.Text("anomaly.origin.service"));
        Assert.Equal("core", Event.Text("anomaly.origin.node_type"));
        Assert.Equal("000000000000001b", Event.Text("anomaly.origin.span_id"));
        Assert.Equal("book", Event.Text("anomaly.origin.name"));
        Assert.Equal("ERR_INSUFFICIENT_BALANCE", Event.Text("anomaly.origin.code"));
    }

    [Fact]
    public void Attributes_SayWhomItHitAndWhy()
    {
        var evidence = Event.Value("anomaly.evidence").KvlistValue.Values.ToDictionary(v => v.Key, v => v.Value);
        Assert.Equal("ERR_INSUFFICIENT_BALANCE", evidence["code"].StringValue);
        Assert.Equal(125_000, evidence["amount"].IntValue);
        Assert.Contains(evidence.Values, v => v.IntValue == 10_000_000);
        Assert.Equal("payment_channel=unionpay,branch_no=", Event.Text("anomaly.group_key"));
        Assert.Equal(0, Event.Int("anomaly.suppressed"));
        Assert.Equal(1, Event.Int("anomaly.impact.customers"));
        Assert.Equal(125_000, Event.Int("anomaly.impact.amount"));
        Assert.Equal("CNY", Event.Text("anomaly.impact.currency"));
        Assert.Equal("TRD20240521000004567", Event.Text("biz.order_no"));
        Assert.Equal(new string('c', 64), Event.Text("biz.customer_id"));
        Assert.Equal("bank-a", Event.Text("tenant.id"));
        Assert.Equal("unionpay", Event.Text("payment_channel"));
        Assert.Equal("ERR_INSUFFICIENT_BALANCE", Event.Text("code"));
        Assert.False(Event.Has("anomaly.window.count"));
    }

    [Fact]
    public void EventId_SameTraceRuleAndVersion_IsTheSameInAnotherProcess()
    {
        var other = new AttributionHarness(Rules);
        other.Send(("balance-ledger", other.Refused(0xAB, 0x77)));
        var another = new AttributionHarness(Rules);
        another.Send(("balance-ledger", another.Refused(0xAC, 0x77)));

        Assert.Equal(Event.Text("anomaly.event_id"), other.Events[0].Text("anomaly.event_id"));
        Assert.NotEqual(Event.Text("anomaly.event_id"), another.Events[0].Text("anomaly.event_id"));
    }

    [Fact]
    public void Record_HasEachAttributeOnce()
    {
        Assert.Equal(Event.Record.Attributes.Count, Event.Record.Attributes.Select(a => a.Key).Distinct().Count());
        Assert.Equal(Event.Record, LogRecord.Parser.ParseFrom(Event.Record.ToByteArray()));
    }
}
