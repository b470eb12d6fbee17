using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <summary>Writes OTLP values in the forms that an index can take.</summary>
internal static class JsonValues
{
    private const int NumberLength = 32;

    /// <summary>How documents are written: Chinese texts as they are, no checks for those who write by hand.</summary>
    public static JsonWriterOptions Options { get; } = new()
    {
        SkipValidation = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 1000,
    };

    /// <summary>A property's name; what is not UTF-8 becomes U+FFFD.</summary>
    /// <param name="json">The writer.</param>
    /// <param name="name">The name.</param>
    public static void WriteName(Utf8JsonWriter json, ReadOnlySpan<byte> name)
    {
        if (Utf8.IsValid(name))
        {
            json.WritePropertyName(name);
        }
        else
        {
            json.WritePropertyName(Encoding.UTF8.GetString(name));
        }
    }

    /// <summary>A text; what is not UTF-8 becomes U+FFFD.</summary>
    /// <param name="json">The writer.</param>
    /// <param name="text">The text.</param>
    public static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> text)
    {
        if (Utf8.IsValid(text))
        {
            json.WriteStringValue(text);
        }
        else
        {
            json.WriteStringValue(Encoding.UTF8.GetString(text));
        }
    }

    /// <summary>
    /// A floating-point number, always with a point or an exponent: an index that sees 1 first would take the field
    /// for one of integers, and cut or refuse 1.5. Infinities and NaN, which no index takes, become null.
    /// </summary>
    /// <param name="json">The writer.</param>
    /// <param name="value">The number.</param>
    public static void WriteDouble(Utf8JsonWriter json, double value)
    {
        if (!double.IsFinite(value))
        {
            json.WriteNullValue();
            return;
        }

        Span<byte> digits = stackalloc byte[NumberLength];
        Utf8Formatter.TryFormat(value, digits, out var length);
        if (digits[..length].IndexOfAny((byte)'.', (byte)'E') < 0)
        {
            ".0"u8.CopyTo(digits[length..]);
            length += 2;
        }

        json.WriteRawValue(digits[..length], skipInputValidation: true);
    }

    /// <summary>Any value. Arrays are made of one type; lists keep their structure.</summary>
    /// <param name="json">The writer.</param>
    /// <param name="value">The value.</param>
    public static void Write(Utf8JsonWriter json, AnyValueView value)
    {
        switch (value.Kind)
        {
            case AnyValueKind.Text:
                WriteText(json, value.Text);
                break;
            case AnyValueKind.Bool:
                json.WriteBooleanValue(value.Bool);
                break;
            case AnyValueKind.Int:
                json.WriteNumberValue(value.Int);
                break;
            case AnyValueKind.Double:
                WriteDouble(json, value.Double);
                break;
            case AnyValueKind.Bytes:
                json.WriteBase64StringValue(value.Bytes);
                break;
            case AnyValueKind.Array:
                WriteArray(json, value);
                break;
            case AnyValueKind.KeyValueList:
                WriteObject(json, value);
                break;
            default:
                json.WriteNullValue();
                break;
        }
    }

    /// <summary>A value as a text: what has parts as JSON.</summary>
    /// <param name="json">The writer.</param>
    /// <param name="value">The value.</param>
    public static void WriteAsText(Utf8JsonWriter json, AnyValueView value)
    {
        switch (value.Kind)
        {
            case AnyValueKind.Text:
                WriteText(json, value.Text);
                break;
            case AnyValueKind.Empty:
                json.WriteNullValue();
                break;
            default:
                using (var text = new PooledBuffer())
                {
                    value.WriteText(text);
                    WriteText(json, text.WrittenSpan);
                }

                break;
        }
    }

    /// <summary>The type that all values of an array can be written as; empty ones fit every type.</summary>
    /// <param name="seen">The type of those before.</param>
    /// <param name="next">The next one's.</param>
    /// <returns><see cref="AnyValueKind.KeyValueList"/> stands for no common type: they are written as texts.</returns>
    public static AnyValueKind Common(AnyValueKind seen, AnyValueKind next)
    {
        if (next == AnyValueKind.Empty || seen == next)
        {
            return seen;
        }

        return (seen, next) switch
        {
            (AnyValueKind.Empty, AnyValueKind.Array or AnyValueKind.KeyValueList) => AnyValueKind.KeyValueList,
            (AnyValueKind.Empty, _) => next,
            (AnyValueKind.Int or AnyValueKind.Double, AnyValueKind.Int or AnyValueKind.Double) => AnyValueKind.Double,
            _ => AnyValueKind.KeyValueList,
        };
    }

    /// <summary>An element of an array whose common type is known.</summary>
    /// <param name="json">The writer.</param>
    /// <param name="element">The element.</param>
    /// <param name="common">The type.</param>
    public static void WriteElement(Utf8JsonWriter json, AnyValueView element, AnyValueKind common)
    {
        if (common is AnyValueKind.KeyValueList or AnyValueKind.Array)
        {
            WriteAsText(json, element);
        }
        else if (common == AnyValueKind.Double && element.Kind == AnyValueKind.Int)
        {
            WriteDouble(json, element.Int);
        }
        else
        {
            Write(json, element);
        }
    }

    private static void WriteArray(Utf8JsonWriter json, AnyValueView array)
    {
        var common = AnyValueKind.Empty;
        foreach (var element in array.Elements)
        {
            common = Common(common, element.Kind);
        }

        json.WriteStartArray();
        foreach (var element in array.Elements)
        {
            WriteElement(json, element, common);
        }

        json.WriteEndArray();
    }

    // Of two entries with one name the first counts: a document with both would be refused.
    private static void WriteObject(Utf8JsonWriter json, AnyValueView list)
    {
        var isUtf8 = true;
        foreach (var entry in list.Entries)
        {
            isUtf8 &= Utf8.IsValid(entry.Key);
        }

        json.WriteStartObject();
        var index = 0;
        foreach (var entry in list.Entries)
        {
            if (!IsRepeated(list, NameOf(entry.Key), index++, isUtf8))
            {
                WriteName(json, NameOf(entry.Key));
                Write(json, entry.Value);
            }
        }

        json.WriteEndObject();
    }

    private static ReadOnlySpan<byte> NameOf(ReadOnlySpan<byte> key) => key.IsEmpty ? "_"u8 : key;

    // Compares names as they are written: keys that are not UTF-8 may differ and still become the same text.
    private static bool IsRepeated(AnyValueView list, ReadOnlySpan<byte> name, int before, bool isUtf8)
    {
        foreach (var entry in list.Entries)
        {
            if (before-- == 0)
            {
                return false;
            }

            var other = NameOf(entry.Key);
            if (other.SequenceEqual(name) || (!isUtf8 && Encoding.UTF8.GetString(other) == Encoding.UTF8.GetString(name)))
            {
                return true;
            }
        }

        return false;
    }
}
