using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace TelemetryPipeline.Otlp;

/// <summary>Values as text, as <c>attributes</c> conversions, file and console outputs show them.</summary>
internal static class AnyValueText
{
    private const int NumberLength = 32;

    public static void Write(AnyValueView value, IBufferWriter<byte> output)
    {
        switch (value.Kind)
        {
            case AnyValueKind.Text:
                output.Write(value.Text);
                break;
            case AnyValueKind.Bool:
                output.Write(value.Bool ? "true"u8 : "false"u8);
                break;
            case AnyValueKind.Int:
                Utf8Formatter.TryFormat(value.Int, output.GetSpan(NumberLength), out var digits);
                output.Advance(digits);
                break;
            case AnyValueKind.Double:
                Utf8Formatter.TryFormat(value.Double, output.GetSpan(NumberLength), out var length);
                output.Advance(length);
                break;
            case AnyValueKind.Bytes:
                var most = Base64.GetMaxEncodedToUtf8Length(value.Bytes.Length);
                Base64.EncodeToUtf8(value.Bytes, output.GetSpan(most), out _, out var written);
                output.Advance(written);
                break;
            case AnyValueKind.Array or AnyValueKind.KeyValueList:
                using (var writer = new Utf8JsonWriter(output))
                {
                    WriteJson(value, writer);
                }

                break;
            default:
                break;
        }
    }

    /// <summary>Writes a value as plain JSON, a key-value list as an object.</summary>
    public static void WriteJson(AnyValueView value, Utf8JsonWriter writer)
    {
        switch (value.Kind)
        {
            case AnyValueKind.Text:
                WriteString(value.Text, writer);
                break;
            case AnyValueKind.Bool:
                writer.WriteBooleanValue(value.Bool);
                break;
            case AnyValueKind.Int:
                writer.WriteNumberValue(value.Int);
                break;
            case AnyValueKind.Double when double.IsFinite(value.Double):
                writer.WriteNumberValue(value.Double);
                break;
            case AnyValueKind.Double:
                writer.WriteStringValue(NonFinite(value.Double));
                break;
            case AnyValueKind.Bytes:
                writer.WriteBase64StringValue(value.Bytes);
                break;
            case AnyValueKind.Array:
                writer.WriteStartArray();
                foreach (var element in value.Elements)
                {
                    WriteJson(element, writer);
                }

                writer.WriteEndArray();
                break;
            case AnyValueKind.KeyValueList:
                writer.WriteStartObject();
                foreach (var entry in value.Entries)
                {
                    WriteName(entry.Key, writer);
                    WriteJson(entry.Value, writer);
                }

                writer.WriteEndObject();
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }

    /// <summary>Writes text that may not be UTF-8: what is damaged becomes U+FFFD, JSON can hold nothing else.</summary>
    public static void WriteString(ReadOnlySpan<byte> text, Utf8JsonWriter writer)
    {
        if (Utf8.IsValid(text))
        {
            writer.WriteStringValue(text);
        }
        else
        {
            writer.WriteStringValue(System.Text.Encoding.UTF8.GetString(text));
        }
    }

    /// <summary>The JSON spelling of a number that JSON has no form for.</summary>
    public static ReadOnlySpan<byte> NonFinite(double value) =>
        double.IsNaN(value) ? "NaN"u8 : value > 0 ? "Infinity"u8 : "-Infinity"u8;

    private static void WriteName(ReadOnlySpan<byte> name, Utf8JsonWriter writer)
    {
        if (Utf8.IsValid(name))
        {
            writer.WritePropertyName(name);
        }
        else
        {
            writer.WritePropertyName(System.Text.Encoding.UTF8.GetString(name));
        }
    }
}
