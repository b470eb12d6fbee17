using TelemetryPipeline.Attribution.Rules;
using TelemetryPipeline.Attribution.Rules.Language;
using TelemetryPipeline.Attribution.Traces;

namespace TelemetryPipeline.Attribution.Events;

/// <summary>
/// What rules of scope trace find when the spans themselves have gone: the span the failure began with (or the root), whose
/// transfer it was, and the values that were captured when spans passed.
/// </summary>
/// <param name="names">The texts of stored spans.</param>
internal sealed class StoredValues(TraceNames names)
{
    /// <summary>The span that stands for the trace.</summary>
    public ChainNode Node { get; set; }

    /// <summary>Whose transfer it was.</summary>
    public BusinessFacts Business { get; set; }

    /// <summary>Values by key; null for none.</summary>
    public Dictionary<string, byte[]>? Captured { get; set; }

    /// <summary>Whether a key's value is stored with every trace, so that it need not be captured.</summary>
    /// <param name="key">The key.</param>
    public static bool IsStored(RuleKey key) => key.Field.Kind switch
    {
        FieldKind.Attribute or FieldKind.SpanAttribute or FieldKind.ResourceAttribute => key.Field.Key is
            "service.name" or "service.namespace" or "node_type" or "status" or "code" or "tenant.id" or "payment_channel"
            or "currency" or "amount" or "biz.order_no" or "biz.customer_id",
        FieldKind.SpanStatus or FieldKind.SpanName or FieldKind.SpanDuration => true,
        _ => false,
    };

    /// <summary>A value.</summary>
    /// <param name="key">Which.</param>
    /// <returns>An encoded <c>AnyValue</c>; null where it is not known.</returns>
    public byte[]? ValueOf(RuleKey key) => key.Field.Kind switch
    {
        FieldKind.SpanStatus => EncodedValue.Of(Node.HasFailed ? "FAILED"u8 : "OK"u8),
        FieldKind.SpanName => Known(names.Spans.TextOf(Node.Name)),
        FieldKind.SpanDuration => EncodedValue.Of(Node.DurationNs),
        FieldKind.Attribute or FieldKind.SpanAttribute or FieldKind.ResourceAttribute when IsStored(key) => Attribute(key.Field.Key),
        _ => Captured?.GetValueOrDefault(key.Name),
    };

    private static byte[]? Known(ReadOnlySpan<byte> text) => text.IsEmpty ? null : EncodedValue.Of(text);

    private byte[]? Attribute(string key) => key switch
    {
        "service.name" => Known(names.Nodes.TextOf(Node.Service)),
        "service.namespace" => Known(names.Nodes.TextOf(Node.Namespace)),
        "node_type" => Known(names.Nodes.TextOf(Node.NodeType)),
        "status" => Known(names.Codes.TextOf(Node.Status)),
        "code" => Known(names.Codes.TextOf(Node.Code)),
        "tenant.id" => Known(names.Keys.TextOf(Business.Tenant)),
        "payment_channel" => Known(names.Keys.TextOf(Business.Channel)),
        "currency" => Known(names.Keys.TextOf(Business.Currency)),
        "amount" => Business.HasAmount ? EncodedValue.Of(Business.Amount) : null,
        "biz.order_no" => Known(Business.OrderNo),
        _ => Known(Business.CustomerId),
    };
}
