using TelemetryPipeline.Attribution.Rules;
using TelemetryPipeline.Attribution.Rules.Language;
using TelemetryPipeline.Attribution.Traces;
using TelemetryPipeline.Transfers;

namespace TelemetryPipeline.Attribution.Events;

/// <summary>
/// What rules of scope trace find when the spans themselves have gone: the span the failure began with (or the root), whose
/// transfer it was, and the values that were captured when spans passed.
/// </summary>
/// <param name="names">The texts of stored spans.</param>
internal sealed class StoredValues(TraceNames names)
{
    private static readonly HashSet<string> StoredKeys = new(StringComparer.Ordinal)
    {
        "service.name", "service.namespace", BusinessKeys.NodeType, BusinessKeys.Status, BusinessKeys.Code, BusinessKeys.Tenant,
        BusinessKeys.Channel, "currency", "amount", BusinessKeys.OrderNo, BusinessKeys.CustomerId,
    };

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
        FieldKind.Attribute or FieldKind.SpanAttribute or FieldKind.ResourceAttribute => StoredKeys.Contains(key.Field.Key),
        FieldKind.SpanStatus or FieldKind.SpanName or FieldKind.SpanDuration => true,
        _ => false,
    };

    /// <summary>A value.</summary>
    /// <param name="key">Which.</param>
    /// <returns>An encoded <c>AnyValue</c>; null where it is not known.</returns>
    public byte[]? ValueOf(RuleKey key) => key.Field.Kind switch
    {
        FieldKind.SpanStatus => EncodedValue.Of(Node.HasFailed ? SpanOutcome.Failed : SpanOutcome.Ok),
        FieldKind.SpanName => Known(names.Spans.TextOf(Node.Name)),
        FieldKind.SpanDuration => Node.DurationNs is { } durationNs ? EncodedValue.Of(durationNs) : null,
        FieldKind.Attribute or FieldKind.SpanAttribute or FieldKind.ResourceAttribute when IsStored(key) => Attribute(key.Field.Key),
        _ => Captured?.GetValueOrDefault(key.Name),
    };

    private static byte[]? Known(ReadOnlySpan<byte> text) => text.IsEmpty ? null : EncodedValue.Of(text);

    private byte[]? Attribute(string key) => key switch
    {
        "service.name" => Known(names.Nodes.TextOf(Node.Service)),
        "service.namespace" => Known(names.Nodes.TextOf(Node.Namespace)),
        _ when key == BusinessKeys.NodeType => Known(names.Nodes.TextOf(Node.NodeType)),
        _ when key == BusinessKeys.Status => Known(names.Codes.TextOf(Node.Status)),
        _ when key == BusinessKeys.Code => Known(names.Codes.TextOf(Node.Code)),
        _ when key == BusinessKeys.Tenant => Known(names.Keys.TextOf(Business.Tenant)),
        _ when key == BusinessKeys.Channel => Known(names.Keys.TextOf(Business.Channel)),
        "currency" => Known(names.Keys.TextOf(Business.Currency)),
        "amount" => Business.HasAmount ? EncodedValue.Of(Business.Amount) : null,
        _ when key == BusinessKeys.OrderNo => Known(Business.OrderNo),
        _ => Known(Business.CustomerId),
    };
}
