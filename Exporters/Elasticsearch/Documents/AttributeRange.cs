using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <summary>Where in a chunk the key and the value of an attribute lie.</summary>
internal struct AttributeRange
{
    /// <summary>Offset of the key.</summary>
    public int KeyAt;

    /// <summary>Length of the key.</summary>
    public int KeyLength;

    /// <summary>Offset of the encoded <c>AnyValue</c>.</summary>
    public int ValueAt;

    /// <summary>Length of the encoded <c>AnyValue</c>; 0 for none.</summary>
    public int ValueLength;

    /// <summary>Locates an attribute that was read from a chunk.</summary>
    public static AttributeRange Of(ReadOnlySpan<byte> chunk, in AttributeView attribute) => new()
    {
        KeyAt = OffsetOf(chunk, attribute.Key),
        KeyLength = attribute.Key.Length,
        ValueAt = OffsetOf(chunk, attribute.EncodedValue),
        ValueLength = attribute.EncodedValue.Length,
    };

    /// <summary>Offset of a part of a chunk; 0 for an empty part, which may lie anywhere.</summary>
    public static int OffsetOf(ReadOnlySpan<byte> chunk, ReadOnlySpan<byte> part) => chunk.Overlaps(part, out var offset) ? offset : 0;
}
