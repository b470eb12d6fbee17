using System.Linq;

namespace TelemetryPipeline.Attribution.Rules.Language;

/// <summary>Every field with a fixed name: one table for the parser, the JSON Schema and the tests of the documentation.</summary>
internal static class FieldCatalog
{
    /// <summary>Prefix of an attribute of the span.</summary>
    public const string SpanAttributePrefix = "span.attributes.";

    /// <summary>Prefix of an attribute of the resource.</summary>
    public const string ResourcePrefix = "resource.";

    /// <summary>What <c>span.code</c> stands for.</summary>
    public const string CodeKey = "code";

    private static readonly string[] Verdicts = ["FAILED", "OK"];
    private static readonly string[] Kinds = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];

    /// <summary>The fields of spans.</summary>
    public static IReadOnlyList<FieldEntry> Span { get; } =
    [
        new("span.status", FieldKind.SpanStatus, FieldType.Word) { Words = Verdicts },
        new("span.code", FieldKind.SpanAttribute, FieldType.Any) { Key = CodeKey },
        new("span.name", FieldKind.SpanName, FieldType.Text),
        new("span.kind", FieldKind.SpanKind, FieldType.Word) { Words = Kinds },
        new("span.duration", FieldKind.SpanDuration, FieldType.Duration),
        new("scope.name", FieldKind.ScopeName, FieldType.Text),
    ];

    /// <summary>The fields of chains and traces.</summary>
    public static IReadOnlyList<FieldEntry> Trace { get; } =
    [
        new("chain.origin.service", FieldKind.OriginService, FieldType.Text),
        new("chain.origin.node_type", FieldKind.OriginNodeType, FieldType.Text),
        new("chain.origin.code", FieldKind.OriginCode, FieldType.Text),
        new("chain.origin.name", FieldKind.OriginName, FieldType.Text),
        new("chain.root.service", FieldKind.RootService, FieldType.Text),
        new("chain.root.node_type", FieldKind.RootNodeType, FieldType.Text),
        new("chain.root.name", FieldKind.RootName, FieldType.Text),
        new("chain.path", FieldKind.ChainPath, FieldType.Path),
        new("chain.depth", FieldKind.ChainDepth, FieldType.Int),
        new("chain.complete", FieldKind.ChainComplete, FieldType.Bool),
        new("trace.complete", FieldKind.TraceComplete, FieldType.Bool),
        new("trace.broken_context", FieldKind.TraceBrokenContext, FieldType.Bool),
        new("trace.clock_skew", FieldKind.TraceClockSkew, FieldType.Duration),
        new("trace.span_count", FieldKind.TraceSpanCount, FieldType.Int),
        new("trace.duration", FieldKind.TraceDuration, FieldType.Duration),
    ];

    /// <summary>The fixed name of a field that has one.</summary>
    /// <param name="kind">The field.</param>
    public static string NameOf(FieldKind kind) => Entry(kind)?.Name ?? "";

    /// <summary>The entry of a field that has a fixed name; null for attributes.</summary>
    /// <param name="kind">The field.</param>
    public static FieldEntry? Entry(FieldKind kind) => kind <= FieldKind.ResourceAttribute
        ? null
        : Span.Concat(Trace).First(entry => entry.Kind == kind);

    /// <summary>What values a field has.</summary>
    /// <param name="kind">The field.</param>
    public static FieldType TypeOf(FieldKind kind) => Entry(kind)?.Type ?? FieldType.Any;
}

/// <summary>A field with a fixed name.</summary>
/// <param name="Name">As rule files write it.</param>
/// <param name="Kind">The field.</param>
/// <param name="Type">Its values.</param>
internal sealed record FieldEntry(string Name, FieldKind Kind, FieldType Type)
{
    /// <summary>The words of a <see cref="FieldType.Word"/>, in the order of their numbers.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>The key, for the name of an attribute.</summary>
    public string Key { get; init; } = "";
}
