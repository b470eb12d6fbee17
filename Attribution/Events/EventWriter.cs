using TelemetryPipeline.Attribution.Rules;
using TelemetryPipeline.Attribution.Traces;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Schema;

namespace TelemetryPipeline.Attribution.Events;

/// <summary>Writes events as OTLP log records; docs/attribution.md describes their fields.</summary>
/// <param name="names">The texts of chains.</param>
internal sealed class EventWriter(TraceNames names)
{
    private const string SchemaVersion = "1.0";

    private static readonly (uint Number, string Text)[] Severities = [(21, "FATAL"), (17, "ERROR"), (13, "WARN"), (9, "INFO")];

    /// <summary>Writes an event with the resource of its origin.</summary>
    /// <param name="request">Where to.</param>
    /// <param name="attribution">The event.</param>
    /// <param name="observedNs">Now.</param>
    public void Write(OtlpRequestBuilder request, AttributionEvent attribution, ulong observedNs)
    {
        var envelope = request.BeginMessage(OtlpFields.Request.Resources);
        WriteResource(request, attribution);
        var scope = request.BeginMessage(OtlpFields.ResourceEnvelope.Scopes);
        var scopeInfo = request.BeginMessage(OtlpFields.ScopeEnvelope.Scope);
        request.WriteBytes(OtlpFields.Scope.Name, "telemetrypipeline/anomaly_attribution"u8);
        request.EndMessage(scopeInfo);
        var record = request.BeginMessage(OtlpFields.ScopeEnvelope.Items);
        WriteRecord(request, attribution, observedNs);
        request.EndMessage(record);
        request.EndMessage(scope);
        request.EndMessage(envelope);
    }

    private void WriteResource(OtlpRequestBuilder request, AttributionEvent attribution)
    {
        var origin = attribution.Chain.Origin;
        var resource = request.BeginMessage(OtlpFields.ResourceEnvelope.Resource);
        Known(request, OtlpFields.Resource.Attributes, "service.name"u8, names.Nodes.TextOf(origin.Service));
        Known(request, OtlpFields.Resource.Attributes, "service.namespace"u8, names.Nodes.TextOf(origin.Namespace));
        Known(request, OtlpFields.Resource.Attributes, "tenant.id"u8, names.Keys.TextOf(attribution.Business.Tenant));
        request.EndMessage(resource);
    }

    private void WriteRecord(OtlpRequestBuilder request, AttributionEvent attribution, ulong observedNs)
    {
        var rule = attribution.Rule;
        var (severity, severityText) = Severities[(int)rule.Then.Priority];
        request.WriteFixed64(OtlpFields.LogRecord.TimeNs, attribution.TimeNs);
        request.WriteVarint(OtlpFields.LogRecord.SeverityNumber, severity);
        request.WriteText(OtlpFields.LogRecord.SeverityText, severityText);
        var body = request.BeginMessage(OtlpFields.LogRecord.Body);
        request.WriteText(OtlpFields.AnyValue.Text, new EventSentence(names).Of(attribution));
        request.EndMessage(body);
        WriteRule(request, attribution);
        WriteChain(request, attribution.Chain);
        WriteEvidence(request, attribution);
        if (attribution.Scope == EventScope.Window)
        {
            request.WriteAttribute(OtlpFields.LogRecord.Attributes, "anomaly.window.count"u8, attribution.WindowCount);
            request.WriteAttribute(OtlpFields.LogRecord.Attributes, "anomaly.window.seconds"u8, (long)rule.Window!.Within.TotalSeconds);
            request.WriteAttribute(OtlpFields.LogRecord.Attributes, "anomaly.window.key"u8, attribution.WindowKey);
        }

        WriteImpact(request, attribution);
        WriteBusiness(request, attribution);
        request.WriteTraceId(OtlpFields.LogRecord.TraceId, attribution.TraceIdHigh, attribution.TraceIdLow);
        request.WriteSpanId(OtlpFields.LogRecord.SpanId, attribution.Chain.Origin.SpanId);
        request.WriteFixed64(OtlpFields.LogRecord.ObservedNs, observedNs);
        request.WriteBytes(OtlpFields.LogRecord.EventName, "anomaly.attribution"u8);
    }

    private static void WriteRule(OtlpRequestBuilder request, AttributionEvent attribution)
    {
        var rule = attribution.Rule;
        request.WriteAttribute(OtlpFields.LogRecord.Attributes, "anomaly.schema_version"u8, SchemaVersion);
        request.WriteAttribute(OtlpFields.LogRecord.Attributes, "anomaly.event_id"u8, attribution.Id.ToString("x32", null));
        request.WriteAttribute(OtlpFields.LogRecord.Attributes, "anomaly.revision"u8, attribution.Revision);
        request.WriteAttribute(OtlpFields.LogRecord.Attributes, "anomaly.state"u8, attribution.IsResolved ? "resolved" : "firing");
        request.WriteAttribute(OtlpFields.LogRecord.Attributes, "anomaly.rule_id"u8, rule.Id);
        request.WriteAttribute(OtlpFields.LogRecord.Attributes, "anomaly.rule_version"u8, rule.Version);
        request.WriteAttribute(OtlpFields.LogRecord.Attributes, "anomaly.scope"u8, attribution.Scope switch
        {
            EventScope.Span => "span",
            EventScope.Trace => "trace",
            _ => "window",
        });
        request.WriteAttribute(OtlpFields.LogRecord.Attributes, "anomaly.shadow"u8, rule.Status == RuleStatus.Shadow);
        request.WriteAttribute(OtlpFields.LogRecord.Attributes, "anomaly.category"u8, rule.Then.Category);
        request.WriteAttribute(OtlpFields.LogRecord.Attributes, "anomaly.root_cause"u8, rule.Then.RootCause);
        request.WriteAttribute(OtlpFields.LogRecord.Attributes, "anomaly.priority"u8, rule.Then.Priority.ToString());
        var notify = request.BeginAttribute(OtlpFields.LogRecord.Attributes, "anomaly.notify"u8);
        var array = request.BeginMessage(OtlpFields.AnyValue.Array);
        foreach (var target in rule.Then.Notify)
        {
            var element = request.BeginMessage(OtlpFields.Values.Item);
            request.WriteText(OtlpFields.AnyValue.Text, target);
            request.EndMessage(element);
        }

        request.EndMessage(array);
        request.EndAttribute(notify);
    }

    private void WriteChain(OtlpRequestBuilder request, FailureChain chain)
    {
        var attribute = request.BeginAttribute(OtlpFields.LogRecord.Attributes, "anomaly.chain"u8);
        var array = request.BeginMessage(OtlpFields.AnyValue.Array);
        foreach (var node in chain.Nodes)
        {
            var element = request.BeginMessage(OtlpFields.Values.Item);
            var entries = request.BeginMessage(OtlpFields.AnyValue.KeyValueList);
            WriteNode(request, node);
            request.EndMessage(entries);
            request.EndMessage(element);
        }

        request.EndMessage(array);
        request.EndAttribute(attribute);
        request.WriteAttribute(OtlpFields.LogRecord.Attributes, "anomaly.chain_complete"u8, chain is { IsComplete: true, IsCut: false });
        request.WriteAttribute(OtlpFields.LogRecord.Attributes, "anomaly.path"u8, new EventSentence(names).PathOf(chain));
        if (chain.Nodes.Length > 0)
        {
            var origin = chain.Origin;
            request.WriteAttribute(OtlpFields.LogRecord.Attributes, "anomaly.origin.service"u8, names.Nodes.TextOf(origin.Service));
            request.WriteAttribute(OtlpFields.LogRecord.Attributes, "anomaly.origin.node_type"u8, names.Nodes.TextOf(origin.NodeType));
            request.WriteAttribute(OtlpFields.LogRecord.Attributes, "anomaly.origin.span_id"u8, origin.SpanId.ToString("x16", null));
            request.WriteAttribute(OtlpFields.LogRecord.Attributes, "anomaly.origin.name"u8, names.Spans.TextOf(origin.Name));
            Known(request, OtlpFields.LogRecord.Attributes, "anomaly.origin.code"u8, names.Codes.TextOf(origin.Code));
        }
    }

    private void WriteNode(OtlpRequestBuilder request, in ChainNode node)
    {
        request.WriteAttribute(OtlpFields.Values.Item, "service.name"u8, names.Nodes.TextOf(node.Service));
        request.WriteAttribute(OtlpFields.Values.Item, "node_type"u8, names.Nodes.TextOf(node.NodeType));
        request.WriteAttribute(OtlpFields.Values.Item, "span_id"u8, node.SpanId.ToString("x16", null));
        request.WriteAttribute(OtlpFields.Values.Item, "name"u8, names.Spans.TextOf(node.Name));
        request.WriteAttribute(OtlpFields.Values.Item, "start_ns"u8, unchecked((long)node.StartNs));
        request.WriteAttribute(OtlpFields.Values.Item, "duration_ns"u8, node.DurationNs);
        request.WriteAttribute(OtlpFields.Values.Item, "status"u8, node.Status != NameTable.Empty ? names.Codes.TextOf(node.Status) : node.HasFailed ? "FAILED"u8 : "OK"u8);
        request.WriteAttribute(OtlpFields.Values.Item, "code"u8, names.Codes.TextOf(node.Code));
    }

    private static void WriteEvidence(OtlpRequestBuilder request, AttributionEvent attribution)
    {
        var attribute = request.BeginAttribute(OtlpFields.LogRecord.Attributes, "anomaly.evidence"u8);
        var entries = request.BeginMessage(OtlpFields.AnyValue.KeyValueList);
        foreach (var (key, encoded) in attribution.Evidence)
        {
            var entry = request.BeginMessage(OtlpFields.Values.Item);
            request.WriteText(OtlpFields.KeyValue.Key, key);
            request.WriteBytes(OtlpFields.KeyValue.Value, encoded);
            request.EndMessage(entry);
        }

        request.EndMessage(entries);
        request.EndAttribute(attribute);
        request.WriteAttribute(OtlpFields.LogRecord.Attributes, "anomaly.group_key"u8, attribution.GroupKey);
        request.WriteAttribute(OtlpFields.LogRecord.Attributes, "anomaly.suppressed"u8, attribution.SuppressedCount);
    }

    private void WriteImpact(OtlpRequestBuilder request, AttributionEvent attribution)
    {
        var impact = attribution.Impact;
        request.WriteAttribute(OtlpFields.LogRecord.Attributes, "anomaly.impact.customers"u8, impact.Customers);
        if (impact.Currency != NameTable.Empty || impact.Amount != 0)
        {
            request.WriteAttribute(OtlpFields.LogRecord.Attributes, "anomaly.impact.amount"u8, impact.Amount);
            Known(request, OtlpFields.LogRecord.Attributes, "anomaly.impact.currency"u8, names.Keys.TextOf(impact.Currency));
        }
    }

    private void WriteBusiness(OtlpRequestBuilder request, AttributionEvent attribution)
    {
        var business = attribution.Business;
        Known(request, OtlpFields.LogRecord.Attributes, "biz.order_no"u8, business.OrderNo);
        Known(request, OtlpFields.LogRecord.Attributes, "biz.customer_id"u8, business.CustomerId);
        Known(request, OtlpFields.LogRecord.Attributes, "tenant.id"u8, names.Keys.TextOf(business.Tenant));
        Known(request, OtlpFields.LogRecord.Attributes, "payment_channel"u8, names.Keys.TextOf(business.Channel));
        Known(request, OtlpFields.LogRecord.Attributes, "code"u8, names.Codes.TextOf(attribution.Chain.Origin.Code));
    }

    private static void Known(OtlpRequestBuilder request, OtlpField field, ReadOnlySpan<byte> key, ReadOnlySpan<byte> text)
    {
        if (!text.IsEmpty)
        {
            request.WriteAttribute(field, key, text);
        }
    }
}
