using TelemetryPipeline.Otlp.Wire;

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

    /// <summary>Reads an encoded <c>KeyValue</c>.</summary>
    /// <param name="chunk">The chunk's bytes.</param>
    /// <param name="at">Offset of the message.</param>
    /// <param name="length">Its length.</param>
    public static AttributeRange Read(ReadOnlySpan<byte> chunk, int at, int length)
    {
        var range = new AttributeRange { KeyAt = at, ValueAt = at };
        var fields = new WireReader(chunk, at, length);
        while (fields.Next())
        {
            switch (fields.Field, fields.Type)
            {
                case (1, WireType.LengthDelimited):
                    (range.KeyAt, range.KeyLength) = (fields.ValueOffset, fields.ValueLength);
                    break;
                case (2, WireType.LengthDelimited):
                    (range.ValueAt, range.ValueLength) = (fields.ValueOffset, fields.ValueLength);
                    break;
                default:
                    break;
            }
        }

        return range;
    }
}
