using System.Text.Json;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <summary>What documents of spans, events, logs and points have in common.</summary>
internal static class RecordWriter
{
    /// <summary>An id as hexadecimal digits; nothing where it is missing.</summary>
    /// <param name="json">The writer.</param>
    /// <param name="name">The field.</param>
    /// <param name="id">The id; an id of zeros is a missing one.</param>
    public static void WriteId(Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<byte> id)
    {
        if (id.Length is > 0 and <= 16 && id.ContainsAnyExcept((byte)0))
        {
            Span<byte> digits = stackalloc byte[32];
            Convert.TryToHexStringLower(id, digits, out var length);
            json.WriteString(name, digits[..length]);
        }
    }

    /// <summary>A text; nothing where it is empty.</summary>
    /// <param name="json">The writer.</param>
    /// <param name="name">The field.</param>
    /// <param name="text">The text.</param>
    public static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        if (!text.IsEmpty)
        {
            json.WritePropertyName(name);
            JsonValues.WriteText(json, text);
        }
    }

    /// <summary>A count; nothing where it is 0.</summary>
    /// <param name="json">The writer.</param>
    /// <param name="name">The field.</param>
    /// <param name="count">The count.</param>
    public static void WriteCount(Utf8JsonWriter json, ReadOnlySpan<byte> name, ulong count)
    {
        if (count > 0)
        {
            json.WriteNumber(name, count);
        }
    }

    /// <summary>The <c>attributes</c> object; nothing where there are none.</summary>
    /// <param name="json">The writer.</param>
    /// <param name="chunk">The chunk's bytes.</param>
    /// <param name="attributes">The attributes, resolved.</param>
    public static void WriteAttributes(Utf8JsonWriter json, ReadOnlySpan<byte> chunk, FieldList attributes)
    {
        if (attributes.Count > 0)
        {
            json.WriteStartObject("attributes"u8);
            attributes.Write(chunk, json);
            json.WriteEndObject();
        }
    }

    /// <summary>The kind of a span in words.</summary>
    public static ReadOnlySpan<byte> KindName(ulong kind) => kind switch
    {
        (ulong)SpanKind.Internal => "Internal"u8,
        (ulong)SpanKind.Server => "Server"u8,
        (ulong)SpanKind.Client => "Client"u8,
        (ulong)SpanKind.Producer => "Producer"u8,
        (ulong)SpanKind.Consumer => "Consumer"u8,
        _ => "Unspecified"u8,
    };

    /// <summary>The first field: the document's place in time.</summary>
    /// <param name="json">The writer.</param>
    /// <param name="timeNs">The time in nanoseconds.</param>
    /// <param name="route">Where the document goes.</param>
    public static void WriteHead(Utf8JsonWriter json, ulong timeNs, Route route)
    {
        json.WritePropertyName("@timestamp"u8);
        Timestamps.WriteMillis(json, timeNs);
        if (route.DataStream.Length > 0)
        {
            json.WritePropertyName("data_stream"u8);
            json.WriteRawValue(route.DataStream, skipInputValidation: true);
        }
    }

    /// <summary>The last fields: resource and scope.</summary>
    /// <param name="json">The writer.</param>
    /// <param name="around">Resource and scope.</param>
    public static void WriteTail(Utf8JsonWriter json, Surroundings around)
    {
        json.WritePropertyName("resource"u8);
        json.WriteRawValue(around.ResourceJson, skipInputValidation: true);
        json.WritePropertyName("scope"u8);
        json.WriteRawValue(around.ScopeJson, skipInputValidation: true);
    }
}
