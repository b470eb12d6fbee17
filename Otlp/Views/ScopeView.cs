using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp.Views;

/// <summary>An encoded <c>ScopeSpans</c>, <c>ScopeMetrics</c> or <c>ScopeLogs</c>: an instrumentation scope and its items.</summary>
/// <remarks>The three messages have the same field numbers. Valid as long as the bytes it was created from.</remarks>
public readonly ref struct ScopeView
{
    /// <summary>Reads the envelope and its scope; items are read on demand.</summary>
    /// <param name="encoded">The envelope's bytes, without tag and length.</param>
    public ScopeView(ReadOnlySpan<byte> encoded)
    {
        Encoded = encoded;
        var fields = new WireReader(encoded);
        while (fields.Next())
        {
            switch (fields.Field, fields.Type)
            {
                case (1, WireType.LengthDelimited):
                    Scope = fields.Content;
                    break;
                case (3, WireType.LengthDelimited):
                    SchemaUrl = fields.Content;
                    break;
                default:
                    break;
            }
        }

        var scope = new WireReader(Scope);
        while (scope.Next())
        {
            switch (scope.Field, scope.Type)
            {
                case (1, WireType.LengthDelimited):
                    Name = scope.Content;
                    break;
                case (2, WireType.LengthDelimited):
                    Version = scope.Content;
                    break;
                case (4, WireType.Varint):
                    DroppedAttributesCount = scope.Number;
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>The envelope's bytes.</summary>
    public ReadOnlySpan<byte> Encoded { get; }

    /// <summary>The encoded <c>InstrumentationScope</c>; empty if missing.</summary>
    public ReadOnlySpan<byte> Scope { get; }

    /// <summary>The schema URL in UTF-8; empty if missing.</summary>
    public ReadOnlySpan<byte> SchemaUrl { get; }

    /// <summary>The scope's name in UTF-8.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>The scope's version in UTF-8.</summary>
    public ReadOnlySpan<byte> Version { get; }

    /// <summary>Number of attributes the sender dropped.</summary>
    public ulong DroppedAttributesCount { get; }

    /// <summary>The scope's attributes.</summary>
    public AttributeEnumerator Attributes => new(Scope, 3);

    /// <summary>
    /// Encoded items: spans (<see cref="SpanView"/>), metrics (<see cref="MetricView"/>) or log records
    /// (<see cref="LogRecordView"/>), depending on the signal.
    /// </summary>
    public MessageEnumerator Items => new(Encoded, 2);
}
