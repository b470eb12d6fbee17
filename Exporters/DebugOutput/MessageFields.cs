using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Exporters.DebugOutput;

/// <summary>Reads single fields of a message; of several the last one counts, as in protobuf.</summary>
internal static class MessageFields
{
    /// <summary>Bytes, text or a message; empty where it is missing.</summary>
    /// <param name="message">The message.</param>
    /// <param name="field">The field's number.</param>
    public static ReadOnlySpan<byte> Bytes(ReadOnlySpan<byte> message, int field)
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

    /// <summary>A number; 0 where it is missing.</summary>
    /// <param name="message">The message.</param>
    /// <param name="field">The field's number.</param>
    public static ulong Number(ReadOnlySpan<byte> message, int field) => TryNumber(message, field, out var number) ? number : 0;

    /// <summary>A floating-point number; 0 where it is missing.</summary>
    /// <param name="message">The message.</param>
    /// <param name="field">The field's number.</param>
    public static double Float(ReadOnlySpan<byte> message, int field) =>
        BitConverter.UInt64BitsToDouble(Number(message, field));

    /// <summary>A number written as <c>sint32</c>; 0 where it is missing.</summary>
    /// <param name="message">The message.</param>
    /// <param name="field">The field's number.</param>
    public static int ZigZag(ReadOnlySpan<byte> message, int field)
    {
        var number = (uint)Number(message, field);
        return (int)(number >> 1) ^ -(int)(number & 1);
    }

    /// <summary>A number that may be missing.</summary>
    /// <param name="message">The message.</param>
    /// <param name="field">The field's number.</param>
    /// <param name="number">The number's bits.</param>
    /// <returns>Whether it is there.</returns>
    public static bool TryNumber(ReadOnlySpan<byte> message, int field, out ulong number)
    {
        number = 0;
        var found = false;
        var fields = new WireReader(message);
        while (fields.Next())
        {
            if (fields.Field == field && fields.Type != WireType.LengthDelimited)
            {
                number = fields.Number;
                found = true;
            }
        }

        return found;
    }

    /// <summary>A floating-point number that may be missing.</summary>
    /// <param name="message">The message.</param>
    /// <param name="field">The field's number.</param>
    /// <param name="number">The number.</param>
    /// <returns>Whether it is there.</returns>
    public static bool TryFloat(ReadOnlySpan<byte> message, int field, out double number)
    {
        var found = TryNumber(message, field, out var bits);
        number = BitConverter.UInt64BitsToDouble(bits);
        return found;
    }

    /// <summary>The numbers of a list, packed or not.</summary>
    /// <param name="message">The message.</param>
    /// <param name="field">The field's number.</param>
    /// <param name="isFixed">Whether they have eight bytes each; else they are varints.</param>
    public static List<ulong> Numbers(ReadOnlySpan<byte> message, int field, bool isFixed)
    {
        var numbers = new List<ulong>();
        var fields = new WireReader(message);
        while (fields.Next())
        {
            if (fields.Field != field)
            {
                continue;
            }

            if (fields.Type == WireType.LengthDelimited)
            {
                Unpack(fields.Content, isFixed, numbers);
            }
            else
            {
                numbers.Add(fields.Number);
            }
        }

        return numbers;
    }

    private static void Unpack(ReadOnlySpan<byte> packed, bool isFixed, List<ulong> numbers)
    {
        while (!packed.IsEmpty)
        {
            ulong number = 0;
            var length = 0;
            if (isFixed)
            {
                number = System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(packed);
                length = sizeof(ulong);
            }
            else
            {
                do
                {
                    number |= (ulong)(packed[length] & 0x7F) << (7 * length);
                }
                while (packed[length++] >= 0x80);
            }

            numbers.Add(number);
            packed = packed[length..];
        }
    }
}
