using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp.Views;

/// <summary>Reads one field of a message; of several occurrences the last one counts, as protobuf defines.</summary>
internal static class WireFields
{
    /// <summary>The last bytes, text or message with this field number; empty if missing.</summary>
    public static ReadOnlySpan<byte> LastBytes(ReadOnlySpan<byte> message, int field)
    {
        ReadOnlySpan<byte> last = default;
        var fields = new WireReader(message);
        while (fields.Next())
        {
            if (fields.Field == field && fields.Type == WireType.LengthDelimited)
            {
                last = fields.Content;
            }
        }

        return last;
    }

    /// <summary>The last number with this field number; 0 if missing.</summary>
    public static ulong LastNumber(ReadOnlySpan<byte> message, int field)
    {
        ulong last = 0;
        var fields = new WireReader(message);
        while (fields.Next())
        {
            if (fields.Field == field && fields.Type != WireType.LengthDelimited)
            {
                last = fields.Number;
            }
        }

        return last;
    }
}
