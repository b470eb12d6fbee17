using TelemetryPipeline.Attribution.Rules;
using TelemetryPipeline.Attribution.Traces;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Schema;
using TelemetryPipeline.Transfers;
using TelemetryPipeline.Transfers.AttributionEvents;

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
    public void Write(OtlpRequestBuilder request, RuleEvent attribution, ulong observedNs)
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

    private void WriteResource(OtlpRequestBuilder request, RuleEvent attribution)
    {
        var origin = attribution.Chain.Origin;
        var resource = request.BeginMessage(OtlpFields.ResourceEnvelope.Resource);
        Known(request, OtlpFields.Resource.Attributes, "service.name"u8, names.Nodes.TextOf(origin.Service));
        Known(request, OtlpFields.Resource.Attributes, "service.namespace"u8, names.Nodes.TextOf(origin.Namespace));
        Known(request, OtlpFields.Resource.Attributes, BusinessKeys.Tenant, names.Keys.TextOf(attribution.Business.Tenant));
        request.EndMessage(resource);
    }

    private void WriteRecord(OtlpRequestBuilder request, RuleEvent attribution, ulong observedNs)
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
            request.WriteAttribute(OtlpFields.LogRecord.Attributes, AttributionKeys.WindowCount, attribution.WindowCount);
            request.WriteAttribute(OtlpFields.LogRecord.Attributes, AttributionKeys.WindowSeconds, (long)rule.Window!.Within.TotalSeconds);
            request.WriteAttribute(OtlpFields.LogRecord.Attributes, AttributionKeys.WindowKey, attribution.WindowKey);
        }

        WriteImpact(request, attribution);
        WriteBusiness(request, attribution);
        request.WriteTraceId(OtlpFields.LogRecord.TraceId, attribution.TraceIdHigh, attribution.TraceIdLow);
        request.WriteSpanId(OtlpFields.LogRecord.SpanId, attribution.Chain.Origin.SpanId);
        request.WriteFixed64(OtlpFields.LogRecord.ObservedNs, observedNs);
        request.WriteBytes(OtlpFields.LogRecord.EventName, AttributionKeys.EventName);
    }

    private static void WriteRule(OtlpRequestBuilder request, RuleEvent attribution)
    {
        var rule = attribution.Rule;
        request.WriteAttribute(OtlpFields.LogRecord.Attributes, AttributionKeys.SchemaVersion, SchemaVersion);
        request.WriteAttribute(OtlpFields.LogRecord.Attributes, AttributionKeys.EventId, attribution.Id.ToString("x32", null));
        request.WriteAttribute(OtlpFields.LogRecord.Attributes, AttributionKeys.Revision, attribution.Revision);
        request.WriteAttribute(OtlpFields.LogRecord.Attributes, AttributionKeys.State, attribution.IsResolved ? "resolved" : "firing");
        request.WriteAttribute(OtlpFields.LogRecord.Attributes, AttributionKeys.RuleId, rule.Id);
        request.WriteAttribute(OtlpFields.LogRecord.Attributes, AttributionKeys.RuleVersion, rule.Version);
        request.WriteAttribute(OtlpFields.LogRecord.Attributes, AttributionKeys.Scope, attribution.Scope switch
        {
            EventScope.Span => "span",
            EventScope.Trace => "trace",
            _ => "window",
        });
        request.WriteAttribute(OtlpFields.LogRecord.Attributes, AttributionKeys.Shadow, rule.Status == RuleStatus.Shadow);
        request.WriteAttribute(OtlpFields.LogRecord.Attributes, AttributionKeys.Category, rule.Then.Category);
        request.WriteAttribute(OtlpFields.LogRecord.Attributes, AttributionKeys.RootCause, rule.Then.RootCause);
        request.WriteAttribute(OtlpFields.LogRecord.Attributes, AttributionKeys.Priority, rule.Then.Priority.ToString());
        var notify = request.BeginAttribute(OtlpFields.LogRecord.Attributes, AttributionKeys.Notify);
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
        var attribute = request.BeginAttribute(OtlpFields.LogRecord.Attributes, AttributionKeys.Chain);
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
        request.WriteAttribute(OtlpFields.LogRecord.Attributes, AttributionKeys.ChainComplete, chain is { IsComplete: true, IsCut: false });
        request.WriteAttribute(OtlpFields.LogRecord.Attributes, AttributionKeys.Path, new EventSentence(names).PathOf(chain));
        if (chain.Nodes.Length > 0)
        {
            var origin = chain.Origin;
            request.WriteAttribute(OtlpFields.LogRecord.Attributes, AttributionKeys.OriginService, names.Nodes.TextOf(origin.Service));
            request.WriteAttribute(OtlpFields.LogRecord.Attributes, AttributionKeys.OriginNodeType, names.Nodes.TextOf(origin.NodeType));
            request.WriteAttribute(OtlpFields.LogRecord.Attributes, AttributionKeys.OriginSpanId, origin.SpanId.ToString("x16", null));
            request.WriteAttribute(OtlpFields.LogRecord.Attributes, AttributionKeys.OriginName, names.Spans.TextOf(origin.Name));
            Known(request, OtlpFields.LogRecord.Attributes, AttributionKeys.OriginCode, names.Codes.TextOf(origin.Code));
        }
    }

    private void WriteNode(OtlpRequestBuilder request, in ChainNode node)
    {
        request.WriteAttribute(OtlpFields.Values.Item, "service.name"u8, names.Nodes.TextOf(node.Service));
        request.WriteAttribute(OtlpFields.Values.Item, "node_type"u8, names.Nodes.TextOf(node.NodeType));
        request.WriteAttribute(OtlpFields.Values.Item, "span_id"u8, node.SpanId.ToString("x16", null));
        request.WriteAttribute(OtlpFields.Values.Item, "name"u8, names.Spans.TextOf(node.Name));
        request.WriteAttribute(OtlpFields.Values.Item, "start_ns"u8, unchecked((long)node.StartNs));
        if (node.DurationNs is { } durationNs)
        {
            request.WriteAttribute(OtlpFields.Values.Item, "duration_ns"u8, durationNs);
        }

        request.WriteAttribute(OtlpFields.Values.Item, "status"u8, node.Status != NameTable.Empty ? names.Codes.TextOf(node.Status) : node.HasFailed ? "FAILED"u8 : "OK"u8);
        request.WriteAttribute(OtlpFields.Values.Item, "code"u8, names.Codes.TextOf(node.Code));
    }

    private static void WriteEvidence(OtlpRequestBuilder request, RuleEvent attribution)
    {
        var attribute = request.BeginAttribute(OtlpFields.LogRecord.Attributes, AttributionKeys.Evidence);
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
        request.WriteAttribute(OtlpFields.LogRecord.Attributes, AttributionKeys.GroupKey, attribution.GroupKey);
        request.WriteAttribute(OtlpFields.LogRecord.Attributes, AttributionKeys.Suppressed, attribution.SuppressedCount);
    }

    private void WriteImpact(OtlpRequestBuilder request, RuleEvent attribution)
    {
        var impact = attribution.Impact;
        request.WriteAttribute(OtlpFields.LogRecord.Attributes, AttributionKeys.ImpactCustomers, impact.Customers);
        if (impact.Currency != NameTable.Empty || impact.Amount != 0)
        {
            request.WriteAttribute(OtlpFields.LogRecord.Attributes, AttributionKeys.ImpactAmount, impact.Amount);
            Known(request, OtlpFields.LogRecord.Attributes, AttributionKeys.ImpactCurrency, names.Keys.TextOf(impact.Currency));
        }
    }

    private void WriteBusiness(OtlpRequestBuilder request, RuleEvent attribution)
    {
        var business = attribution.Business;
        Known(request, OtlpFields.LogRecord.Attributes, BusinessKeys.OrderNo, business.OrderNo);
        Known(request, OtlpFields.LogRecord.Attributes, BusinessKeys.CustomerId, business.CustomerId);
        Known(request, OtlpFields.LogRecord.Attributes, BusinessKeys.Tenant, names.Keys.TextOf(business.Tenant));
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
