using TelemetryPipeline.Attribution.Rules;
using TelemetryPipeline.Attribution.Traces;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Attribution.Events;

/// <summary>Writes events as OTLP log records; docs/attribution.md describes their fields.</summary>
/// <param name="names">The texts of chains.</param>
internal sealed class EventWriter(TraceNames names)
{
    private const int Attributes = 6; // of a log record
    private const string SchemaVersion = "1.0";

    private static readonly (uint Number, string Text)[] Severities = [(21, "FATAL"), (17, "ERROR"), (13, "WARN"), (9, "INFO")];

    /// <summary>Writes an event with the resource of its origin.</summary>
    /// <param name="request">Where to.</param>
    /// <param name="attribution">The event.</param>
    /// <param name="observedNs">Now.</param>
    public void Write(OtlpRequestBuilder request, AttributionEvent attribution, ulong observedNs)
    {
        var envelope = request.Begin(1);
        WriteResource(request, attribution);
        var scope = request.Begin(2);
        var scopeInfo = request.Begin(1);
        request.Bytes(1, "telemetrypipeline/anomaly_attribution"u8);
        request.End(scopeInfo);
        var record = request.Begin(2);
        WriteRecord(request, attribution, observedNs);
        request.End(record);
        request.End(scope);
        request.End(envelope);
    }

    private void WriteResource(OtlpRequestBuilder request, AttributionEvent attribution)
    {
        var origin = attribution.Chain.Origin;
        var resource = request.Begin(1);
        Known(request, 1, "service.name"u8, names.Nodes.TextOf(origin.Service));
        Known(request, 1, "service.namespace"u8, names.Nodes.TextOf(origin.Namespace));
        Known(request, 1, "tenant.id"u8, names.Keys.TextOf(attribution.Business.Tenant));
        request.End(resource);
    }

    private void WriteRecord(OtlpRequestBuilder request, AttributionEvent attribution, ulong observedNs)
    {
        var rule = attribution.Rule;
        var (severity, severityText) = Severities[(int)rule.Then.Priority];
        request.Fixed64(1, attribution.TimeNs);
        request.Varint(2, severity);
        request.Text(3, severityText);
        var body = request.Begin(5);
        request.Text(1, new EventSentence(names).Of(attribution));
        request.End(body);
        WriteRule(request, attribution);
        WriteChain(request, attribution.Chain);
        WriteEvidence(request, attribution);
        if (attribution.Scope == EventScope.Window)
        {
            Int(request, "anomaly.window.count"u8, attribution.WindowCount);
            Int(request, "anomaly.window.seconds"u8, (long)rule.Window!.Within.TotalSeconds);
            Text(request, "anomaly.window.key"u8, attribution.WindowKey);
        }

        WriteImpact(request, attribution);
        WriteBusiness(request, attribution);
        request.TraceId(9, attribution.TraceIdHigh, attribution.TraceIdLow);
        request.SpanId(10, attribution.Chain.Origin.SpanId);
        request.Fixed64(11, observedNs);
        request.Bytes(12, "anomaly.attribution"u8);
    }

    private static void WriteRule(OtlpRequestBuilder request, AttributionEvent attribution)
    {
        var rule = attribution.Rule;
        Text(request, "anomaly.schema_version"u8, SchemaVersion);
        Text(request, "anomaly.event_id"u8, attribution.Id.ToString("x32", null));
        Int(request, "anomaly.revision"u8, attribution.Revision);
        Text(request, "anomaly.state"u8, attribution.IsResolved ? "resolved" : "firing");
        Text(request, "anomaly.rule_id"u8, rule.Id);
        Int(request, "anomaly.rule_version"u8, rule.Version);
        Text(request, "anomaly.scope"u8, attribution.Scope switch
        {
            EventScope.Span => "span",
            EventScope.Trace => "trace",
            _ => "window",
        });
        request.BoolAttribute(Attributes, "anomaly.shadow"u8, rule.Status == RuleStatus.Shadow);
        Text(request, "anomaly.category"u8, rule.Then.Category);
        Text(request, "anomaly.root_cause"u8, rule.Then.RootCause);
        Text(request, "anomaly.priority"u8, rule.Then.Priority.ToString());
        var notify = BeginValue(request, Attributes, "anomaly.notify"u8, out var value);
        var array = request.Begin((int)AnyValueKind.Array);
        foreach (var target in rule.Then.Notify)
        {
            var element = request.Begin(1);
            request.Text(1, target);
            request.End(element);
        }

        request.End(array);
        EndValue(request, notify, value);
    }

    private void WriteChain(OtlpRequestBuilder request, FailureChain chain)
    {
        var attribute = BeginValue(request, Attributes, "anomaly.chain"u8, out var value);
        var array = request.Begin((int)AnyValueKind.Array);
        foreach (var node in chain.Nodes)
        {
            var element = request.Begin(1);
            var entries = request.Begin((int)AnyValueKind.KeyValueList);
            WriteNode(request, node);
            request.End(entries);
            request.End(element);
        }

        request.End(array);
        EndValue(request, attribute, value);
        request.BoolAttribute(Attributes, "anomaly.chain_complete"u8, chain is { IsComplete: true, IsCut: false });
        Text(request, "anomaly.path"u8, new EventSentence(names).PathOf(chain));
        if (chain.Nodes.Length > 0)
        {
            var origin = chain.Origin;
            request.TextAttribute(Attributes, "anomaly.origin.service"u8, names.Nodes.TextOf(origin.Service));
            request.TextAttribute(Attributes, "anomaly.origin.node_type"u8, names.Nodes.TextOf(origin.NodeType));
            Text(request, "anomaly.origin.span_id"u8, origin.SpanId.ToString("x16", null));
            request.TextAttribute(Attributes, "anomaly.origin.name"u8, names.Spans.TextOf(origin.Name));
            Known(request, Attributes, "anomaly.origin.code"u8, names.Codes.TextOf(origin.Code));
        }
    }

    private void WriteNode(OtlpRequestBuilder request, in ChainNode node)
    {
        request.TextAttribute(1, "service.name"u8, names.Nodes.TextOf(node.Service));
        request.TextAttribute(1, "node_type"u8, names.Nodes.TextOf(node.NodeType));
        Text(request, 1, "span_id"u8, node.SpanId.ToString("x16", null));
        request.TextAttribute(1, "name"u8, names.Spans.TextOf(node.Name));
        Int(request, 1, "start_ns"u8, unchecked((long)node.StartNs));
        Int(request, 1, "duration_ns"u8, node.DurationNs);
        request.TextAttribute(
            1, "status"u8, node.Status != NameTable.Empty ? names.Codes.TextOf(node.Status) : node.HasFailed ? "FAILED"u8 : "OK"u8);
        request.TextAttribute(1, "code"u8, names.Codes.TextOf(node.Code));
    }

    private static void WriteEvidence(OtlpRequestBuilder request, AttributionEvent attribution)
    {
        var attribute = BeginValue(request, Attributes, "anomaly.evidence"u8, out var value);
        var entries = request.Begin((int)AnyValueKind.KeyValueList);
        foreach (var (key, encoded) in attribution.Evidence)
        {
            var entry = request.Begin(1);
            request.Text(1, key);
            request.Bytes(2, encoded);
            request.End(entry);
        }

        request.End(entries);
        EndValue(request, attribute, value);
        Text(request, "anomaly.group_key"u8, attribution.GroupKey);
        Int(request, "anomaly.suppressed"u8, attribution.SuppressedCount);
    }

    private void WriteImpact(OtlpRequestBuilder request, AttributionEvent attribution)
    {
        var impact = attribution.Impact;
        Int(request, "anomaly.impact.customers"u8, impact.Customers);
        if (impact.Currency != NameTable.Empty || impact.Amount != 0)
        {
            Int(request, "anomaly.impact.amount"u8, impact.Amount);
            Known(request, Attributes, "anomaly.impact.currency"u8, names.Keys.TextOf(impact.Currency));
        }
    }

    private void WriteBusiness(OtlpRequestBuilder request, AttributionEvent attribution)
    {
        var business = attribution.Business;
        Known(request, Attributes, "biz.order_no"u8, business.OrderNo);
        Known(request, Attributes, "biz.customer_id"u8, business.CustomerId);
        Known(request, Attributes, "tenant.id"u8, names.Keys.TextOf(business.Tenant));
        Known(request, Attributes, "payment_channel"u8, names.Keys.TextOf(business.Channel));
        Known(request, Attributes, "code"u8, names.Codes.TextOf(attribution.Chain.Origin.Code));
    }

    private static void Known(OtlpRequestBuilder request, int field, ReadOnlySpan<byte> key, ReadOnlySpan<byte> text)
    {
        if (!text.IsEmpty)
        {
            request.TextAttribute(field, key, text);
        }
    }

    private static void Text(OtlpRequestBuilder request, ReadOnlySpan<byte> key, string text) => Text(request, Attributes, key, text);

    private static void Text(OtlpRequestBuilder request, int field, ReadOnlySpan<byte> key, string text)
    {
        var attribute = BeginValue(request, field, key, out var value);
        request.Text((int)AnyValueKind.Text, text);
        EndValue(request, attribute, value);
    }

    private static void Int(OtlpRequestBuilder request, ReadOnlySpan<byte> key, long number) => Int(request, Attributes, key, number);

    private static void Int(OtlpRequestBuilder request, int field, ReadOnlySpan<byte> key, long number)
    {
        var attribute = BeginValue(request, field, key, out var value);
        request.Varint((int)AnyValueKind.Int, unchecked((ulong)number));
        EndValue(request, attribute, value);
    }

    private static int BeginValue(OtlpRequestBuilder request, int field, ReadOnlySpan<byte> key, out int value)
    {
        var attribute = request.Begin(field);
        request.Bytes(1, key);
        value = request.Begin(2);
        return attribute;
    }

    private static void EndValue(OtlpRequestBuilder request, int attribute, int value)
    {
        request.End(value);
        request.End(attribute);
    }
}
