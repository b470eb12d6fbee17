using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using OpenTelemetry.Proto.Resource.V1;

namespace TelemetryPipeline.TestSupport.Otlp;

/// <summary>Builds an attribution event, as <c>anomaly_attribution</c> makes them, of the oracle's types.</summary>
public sealed class AttributionRecord
{
    /// <summary>Time of the event unless told: 2026-01-31T08:00:00Z.</summary>
    public const ulong DefaultTimeNs = 1_769_846_400_000_000_000UL;

    private readonly LogRecord _record = new()
    {
        EventName = "anomaly.attribution",
        TimeUnixNano = DefaultTimeNs,
        ObservedTimeUnixNano = DefaultTimeNs,
        SeverityNumber = SeverityNumber.Fatal,
        Body = new AnyValue { StringValue = "balance-ledger rejects the transfer: the balance is insufficient" },
    };

    /// <summary>A firing P0 event of insufficient balance at the ledger, of a trace and with an id of that number.</summary>
    public AttributionRecord(int number)
    {
        Trace(number);
        With("anomaly.schema_version", "1.0").With("anomaly.event_id", $"{number:x32}").With("anomaly.revision", 1)
            .With("anomaly.state", "firing").With("anomaly.rule_id", "insufficient_balance").With("anomaly.rule_version", 3)
            .With("anomaly.scope", "trace").With("anomaly.category", "funding")
            .With("anomaly.root_cause", "account_balance_insufficient").With("anomaly.priority", "P0")
            .With("anomaly.path", "client-terminal > transfer-orchestrator > balance-ledger")
            .With("anomaly.origin.service", "balance-ledger").With("anomaly.origin.node_type", "core")
            .With("anomaly.origin.span_id", "00000000000000a3").With("anomaly.origin.name", "debit")
            .With("anomaly.origin.code", "ERR_INSUFFICIENT_BALANCE").With("tenant.id", "bank-a");
        Notify("fund-ops", "risk-team");
        Chain(
            ("client-terminal", "00000000000000a1", "transfer", 812_000_000, "FAILED", ""),
            ("transfer-orchestrator", "00000000000000a2", "POST /transfers", 640_500_000, "FAILED", "ERR_INSUFFICIENT_BALANCE"),
            ("balance-ledger", "00000000000000a3", "debit", 12_345_678, "FAILED", "ERR_INSUFFICIENT_BALANCE"));
    }

    public AttributionRecord Trace(int number)
    {
        _record.TraceId = ByteString.CopyFrom(Convert.FromHexString($"{number + 0x1000:x32}"));
        _record.SpanId = ByteString.CopyFrom(Convert.FromHexString($"{number + 0x2000:x16}"));
        return this;
    }

    public AttributionRecord At(ulong timeNs)
    {
        _record.TimeUnixNano = timeNs;
        return this;
    }

    public AttributionRecord Named(string eventName)
    {
        _record.EventName = eventName;
        return this;
    }

    public AttributionRecord Saying(string body)
    {
        _record.Body = new AnyValue { StringValue = body };
        return this;
    }

    public AttributionRecord Resolved(int revision = 2) => With("anomaly.state", "resolved").With("anomaly.revision", revision);

    public AttributionRecord With(string key, string value) => Set(key, new AnyValue { StringValue = value });

    public AttributionRecord With(string key, long value) => Set(key, new AnyValue { IntValue = value });

    public AttributionRecord With(string key, bool value) => Set(key, new AnyValue { BoolValue = value });

    public AttributionRecord Notify(params string[] targets)
    {
        var list = new ArrayValue();
        foreach (var target in targets)
        {
            list.Values.Add(new AnyValue { StringValue = target });
        }

        return Set("anomaly.notify", new AnyValue { ArrayValue = list });
    }

    public AttributionRecord Chain(
        params (string Service, string SpanId, string Name, long? DurationNs, string Status, string Code)[] steps)
    {
        var list = new ArrayValue();
        foreach (var step in steps)
        {
            var entries = new KeyValueList
            {
                Values =
                {
                    Pair("service.name", step.Service), Pair("node_type", "core"), Pair("span_id", step.SpanId), Pair("name", step.Name),
                    Pair("start_ns", (long)DefaultTimeNs), Pair("status", step.Status), Pair("code", step.Code),
                },
            };
            if (step.DurationNs is { } durationNs)
            {
                entries.Values.Add(Pair("duration_ns", durationNs));
            }

            list.Values.Add(new AnyValue { KvlistValue = entries });
        }

        return Set("anomaly.chain", new AnyValue { ArrayValue = list });
    }

    public LogRecord Build() => _record;

    /// <summary>Records as one export request of their service.</summary>
    public static ExportLogsServiceRequest Request(params IEnumerable<AttributionRecord> records)
    {
        var scope = new ScopeLogs { Scope = new InstrumentationScope { Name = "telemetrypipeline/anomaly_attribution" } };
        foreach (var record in records)
        {
            scope.LogRecords.Add(record.Build());
        }

        return new ExportLogsServiceRequest
        {
            ResourceLogs = { new ResourceLogs { Resource = new Resource { Attributes = { Pair("service.name", "balance-ledger") } }, ScopeLogs = { scope } } },
        };
    }

    private static KeyValue Pair(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };

    private static KeyValue Pair(string key, long value) => new() { Key = key, Value = new AnyValue { IntValue = value } };

    private AttributionRecord Set(string key, AnyValue value)
    {
        foreach (var attribute in _record.Attributes)
        {
            if (attribute.Key == key)
            {
                attribute.Value = value;
                return this;
            }
        }

        _record.Attributes.Add(new KeyValue { Key = key, Value = value });
        return this;
    }
}
