using System.Linq;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;

namespace TelemetryPipeline.Tests.Attribution;

/// <summary>An attribution as the types generated from the .proto files read it.</summary>
internal sealed record EventRecord(ResourceLogs Envelope, LogRecord Record)
{
    public IReadOnlyList<ChainStepRecord> Chain => [.. Value("anomaly.chain").ArrayValue.Values.Select(v => new ChainStepRecord(v.KvlistValue))];

    public string RuleId => Text("anomaly.rule_id");

    public string State => Text("anomaly.state");

    public static IEnumerable<EventRecord> Of(ExportLogsServiceRequest request) =>
        from envelope in request.ResourceLogs
        from scope in envelope.ScopeLogs
        from record in scope.LogRecords
        select new EventRecord(envelope, record);

    public bool Has(string key) => Record.Attributes.Any(a => a.Key == key);

    public AnyValue Value(string key) => Record.Attributes.Single(a => a.Key == key).Value;

    public string Text(string key) => Value(key).StringValue;

    public long Int(string key)
    {
        Assert.Equal(AnyValue.ValueOneofCase.IntValue, Value(key).ValueCase);
        return Value(key).IntValue;
    }

    public bool Bool(string key) => Value(key).BoolValue;

    public string Resource(string key) => Envelope.Resource.Attributes.Single(a => a.Key == key).Value.StringValue;
}

/// <summary>A step of a chain.</summary>
internal sealed record ChainStepRecord(KeyValueList Entries)
{
    public ulong SpanId => Convert.ToUInt64(Text("span_id"), 16);

    public string Service => Text("service.name");

    public string Text(string key) => Entries.Values.Single(v => v.Key == key).Value.StringValue;

    public long Int(string key) => Entries.Values.Single(v => v.Key == key).Value.IntValue;
}
