using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp.Views;

/// <summary>An encoded <c>ResourceSpans</c>, <c>ResourceMetrics</c> or <c>ResourceLogs</c>: a resource and its scopes.</summary>
/// <remarks>The three messages have the same field numbers. Valid as long as the bytes it was created from.</remarks>
public readonly ref struct ResourceView
{
    /// <summary>Reads the envelope; scopes are read on demand.</summary>
    /// <param name="encoded">The envelope's bytes, without tag and length.</param>
    public ResourceView(ReadOnlySpan<byte> encoded)
    {
        Encoded = encoded;
        var fields = new WireReader(encoded);
        while (fields.Next())
        {
            switch (fields.Field, fields.Type)
            {
                case (1, WireType.LengthDelimited):
                    Resource = fields.Content;
                    break;
                case (3, WireType.LengthDelimited):
                    SchemaUrl = fields.Content;
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>The envelope's bytes.</summary>
    public ReadOnlySpan<byte> Encoded { get; }

    /// <summary>The encoded <c>Resource</c>; empty if missing.</summary>
    public ReadOnlySpan<byte> Resource { get; }

    /// <summary>The schema URL in UTF-8; empty if missing.</summary>
    public ReadOnlySpan<byte> SchemaUrl { get; }

    /// <summary>The resource's attributes.</summary>
    public AttributeEnumerator Attributes => new(Resource, 1);

    /// <summary>Number of attributes the sender dropped.</summary>
    public ulong DroppedAttributesCount => WireFields.LastNumber(Resource, 2);

    /// <summary>Encoded entity references of the resource; see <see cref="EntityRefView"/>.</summary>
    public MessageEnumerator EntityRefs => new(Resource, 3);

    /// <summary>Encoded scope envelopes; see <see cref="ScopeView"/>.</summary>
    public MessageEnumerator Scopes => new(Encoded, 2);

    /// <summary>Encoded resource envelopes of an export request.</summary>
    /// <param name="request">The request's bytes, such as <see cref="OtlpChunk.Bytes"/>.</param>
    public static MessageEnumerator Enumerate(ReadOnlySpan<byte> request) => new(request, 1);
}
