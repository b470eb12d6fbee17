using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using TelemetryPipeline.Otlp.Schema;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp.Json;

/// <summary>Writes protobuf messages as JSON, led by the schema table.</summary>
internal static class JsonRequestWriter
{
    private const int HexIdMax = 64;
    private const int NumberMax = 24;

    public static void Write(Signal signal, ReadOnlySpan<byte> request, Utf8JsonWriter writer) =>
        WriteMessage(request, OtlpSchema.RequestOf(signal), writer, 0);

    private static void WriteMessage(ReadOnlySpan<byte> data, MessageKind kind, Utf8JsonWriter writer, int depth)
    {
        writer.WriteStartObject();
        if (depth <= OtlpRequest.MaxDepth)
        {
            var message = OtlpSchema.Of(kind);
            if (IsInOrder(data, message))
            {
                WriteInOrder(data, message, writer, depth);
            }
            else
            {
                WriteByField(data, message, writer, depth);
            }
        }

        writer.WriteEndObject();
    }

    /// <summary>
    /// Whether each field comes once or, repeated, in one run, as every known encoder writes it. Then the order of the
    /// bytes can be the order of the JSON.
    /// </summary>
    private static bool IsInOrder(ReadOnlySpan<byte> data, MessageSpec message)
    {
        uint seen = 0;
        var oneof = false;
        var last = -1;
        var fields = new WireReader(data);
        while (fields.Next())
        {
            if (!TryFind(message, fields, out var field))
            {
                continue;
            }

            var bit = 1u << field.Number;
            if ((seen & bit) != 0 && !(field.Repeated && last == field.Number))
            {
                return false;
            }

            if (field.InOneof && oneof)
            {
                return false;
            }

            oneof |= field.InOneof;
            seen |= bit;
            last = field.Number;
        }

        return true;
    }

    private static void WriteInOrder(ReadOnlySpan<byte> data, MessageSpec message, Utf8JsonWriter writer, int depth)
    {
        FieldSpec? open = null;
        var fields = new WireReader(data);
        while (fields.Next())
        {
            if (!TryFind(message, fields, out var field))
            {
                continue;
            }

            if (field != open)
            {
                EndArray(open, writer);
                BeginField(field, writer);
                open = field;
            }

            WriteElements(fields, field, writer, depth);
        }

        EndArray(open, writer);
    }

    /// <summary>The general way: collects each field's occurrences from the whole message.</summary>
    private static void WriteByField(ReadOnlySpan<byte> data, MessageSpec message, Utf8JsonWriter writer, int depth)
    {
        var chosen = LastOfOneof(data, message, out var chosenStart);
        foreach (var field in message.Fields)
        {
            if (field.InOneof && field.Number != chosen)
            {
                continue;
            }

            if (field.Repeated)
            {
                WriteAll(data, message, field, writer, depth);
            }
            else
            {
                WriteLast(data, message, field, field.InOneof ? chosenStart : 0, writer, depth);
            }
        }
    }

    private static void WriteAll(
        ReadOnlySpan<byte> data, MessageSpec message, FieldSpec field, Utf8JsonWriter writer, int depth)
    {
        var open = false;
        var fields = new WireReader(data);
        while (fields.Next())
        {
            if (TryFind(message, fields, out var found) && found == field)
            {
                if (!open)
                {
                    BeginField(field, writer);
                    open = true;
                }

                WriteElements(fields, field, writer, depth);
            }
        }

        EndArray(open ? field : null, writer);
    }

    /// <summary>Writes a singular field: the last of several numbers or texts, several messages merged as protobuf does it.</summary>
    private static void WriteLast(
        ReadOnlySpan<byte> data, MessageSpec message, FieldSpec field, int start, Utf8JsonWriter writer, int depth)
    {
        var merged = ArrayPool<byte>.Shared.Rent(Math.Max(data.Length, 1));
        var mergedLength = 0;
        var last = default(WireReader);
        var found = false;
        var fields = new WireReader(data, start, data.Length - start);
        while (fields.Next())
        {
            if (TryFind(message, fields, out var other) && other == field)
            {
                found = true;
                last = fields;
                if (field.Kind == FieldKind.Message)
                {
                    fields.Content.CopyTo(merged.AsSpan(mergedLength));
                    mergedLength += fields.ValueLength;
                }
            }
        }

        if (found)
        {
            writer.WritePropertyName(field.JsonName);
            if (field.Kind == FieldKind.Message)
            {
                WriteMessage(merged.AsSpan(0, mergedLength), field.Message, writer, depth + 1);
            }
            else
            {
                WriteElements(last, field, writer, depth);
            }
        }

        ArrayPool<byte>.Shared.Return(merged);
    }

    /// <summary>Which field of the oneof counts, and from where on: a field that comes in between clears what was before.</summary>
    private static int LastOfOneof(ReadOnlySpan<byte> data, MessageSpec message, out int start)
    {
        var chosen = 0;
        start = 0;
        var fields = new WireReader(data);
        while (fields.Next())
        {
            if (TryFind(message, fields, out var field) && field.InOneof && field.Number != chosen)
            {
                chosen = field.Number;
                start = fields.FieldOffset;
            }
        }

        return chosen;
    }

    private static bool TryFind(
        MessageSpec message,
        in WireReader fields,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out FieldSpec? field)
    {
        field = message.Find((uint)fields.Field);
        return field is not null && (fields.Type == field.ElementWireType
            || (field.Packed && fields.Type == WireType.LengthDelimited));
    }

    private static void BeginField(FieldSpec field, Utf8JsonWriter writer)
    {
        writer.WritePropertyName(field.JsonName);
        if (field.Repeated)
        {
            writer.WriteStartArray();
        }
    }

    private static void EndArray(FieldSpec? field, Utf8JsonWriter writer)
    {
        if (field is { Repeated: true })
        {
            writer.WriteEndArray();
        }
    }

    private static void WriteElements(in WireReader fields, FieldSpec field, Utf8JsonWriter writer, int depth)
    {
        if (field.Packed && fields.Type == WireType.LengthDelimited)
        {
            WritePacked(fields.Content, field, writer);
        }
        else if (field.Kind == FieldKind.Message)
        {
            WriteMessage(fields.Content, field.Message, writer, depth + 1);
        }
        else if (field.ElementWireType == WireType.LengthDelimited)
        {
            WriteContent(fields.Content, field.Kind, writer);
        }
        else
        {
            WriteNumber(fields.Number, field.Kind, writer);
        }
    }

    private static void WritePacked(ReadOnlySpan<byte> packed, FieldSpec field, Utf8JsonWriter writer)
    {
        var numbers = new PackedReader(packed, field.ElementWireType);
        while (numbers.Next())
        {
            WriteNumber(numbers.Number, field.Kind, writer);
        }
    }

    private static void WriteContent(ReadOnlySpan<byte> content, FieldKind kind, Utf8JsonWriter writer)
    {
        if (kind == FieldKind.Text)
        {
            AnyValueText.WriteString(content, writer);
        }
        else if (kind == FieldKind.Bytes)
        {
            writer.WriteBase64StringValue(content);
        }
        else
        {
            Span<char> hex = stackalloc char[HexIdMax];
            Convert.TryToHexStringLower(content, hex, out var length);
            writer.WriteStringValue(hex[..length]);
        }
    }

    private static void WriteNumber(ulong number, FieldKind kind, Utf8JsonWriter writer)
    {
        switch (kind)
        {
            case FieldKind.Bool:
                writer.WriteBooleanValue(number != 0);
                break;
            case FieldKind.Signed32 or FieldKind.Named:
                writer.WriteNumberValue((int)number);
                break;
            case FieldKind.Unsigned32 or FieldKind.Fixed32:
                writer.WriteNumberValue((uint)number);
                break;
            case FieldKind.ZigZag32:
                writer.WriteNumberValue((int)((uint)number >> 1) ^ -(int)(number & 1));
                break;
            case FieldKind.Float64:
                WriteDouble(BitConverter.UInt64BitsToDouble(number), writer);
                break;
            default:
                Write64(number, kind is FieldKind.Signed64 or FieldKind.SFixed64, writer);
                break;
        }
    }

    private static void WriteDouble(double number, Utf8JsonWriter writer)
    {
        if (double.IsFinite(number))
        {
            writer.WriteNumberValue(number);
        }
        else
        {
            writer.WriteStringValue(AnyValueText.NonFinite(number));
        }
    }

    private static void Write64(ulong number, bool signed, Utf8JsonWriter writer)
    {
        Span<byte> digits = stackalloc byte[NumberMax];
        int length;
        if (signed)
        {
            Utf8Formatter.TryFormat((long)number, digits, out length);
        }
        else
        {
            Utf8Formatter.TryFormat(number, digits, out length);
        }

        writer.WriteStringValue(digits[..length]);
    }
}
