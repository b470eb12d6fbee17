using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp.Views;

/// <summary>An encoded link of a span. Valid as long as the bytes it was created from.</summary>
public readonly ref struct SpanLinkView
{
    private readonly ReadOnlySpan<byte> _encoded;

    /// <summary>Reads the link.</summary>
    /// <param name="encoded">The message's bytes.</param>
    public SpanLinkView(ReadOnlySpan<byte> encoded)
    {
        _encoded = encoded;
        var fields = new WireReader(encoded);
        while (fields.Next())
        {
            switch (fields.Field, fields.Type)
            {
                case (1, WireType.LengthDelimited):
                    TraceId = fields.Content;
                    break;
                case (2, WireType.LengthDelimited):
                    SpanId = fields.Content;
                    break;
                case (3, WireType.LengthDelimited):
                    TraceState = fields.Content;
                    break;
                case (5, WireType.Varint):
                    DroppedAttributesCount = fields.Number;
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>The linked trace's id, 16 bytes; empty if missing.</summary>
    public ReadOnlySpan<byte> TraceId { get; }

    /// <summary>The linked span's id, 8 bytes; empty if missing.</summary>
    public ReadOnlySpan<byte> SpanId { get; }

    /// <summary>The W3C trace state.</summary>
    public ReadOnlySpan<byte> TraceState { get; }

    /// <summary>Number of attributes the sender dropped.</summary>
    public ulong DroppedAttributesCount { get; }

    /// <summary>The attributes.</summary>
    public AttributeEnumerator Attributes => new(_encoded, 4);
}
