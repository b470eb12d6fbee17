using System.Text;

namespace TelemetryPipeline.Heatmap;

/// <summary>Something that spans are told apart by: an attribute, the span's kind or its name.</summary>
/// <param name="Name">The setting, and the attribute's key in frames.</param>
internal sealed record HeatmapDimension(string Name)
{
    /// <summary>The kind of a span, with the values of the <c>spanmetrics</c> connector.</summary>
    public const string SpanKindName = "span.kind";

    /// <summary>The name of a span.</summary>
    public const string SpanNameName = "span.name";

    /// <summary>The attribute's key in UTF-8.</summary>
    public byte[] Key { get; } = Encoding.UTF8.GetBytes(Name);

    /// <summary>Whether it is the span's kind.</summary>
    public bool IsSpanKind => Name == SpanKindName;

    /// <summary>Whether it is the span's name.</summary>
    public bool IsSpanName => Name == SpanNameName;
}
