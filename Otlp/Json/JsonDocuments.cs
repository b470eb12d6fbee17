using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace TelemetryPipeline.Otlp.Json;

/// <summary>Reads small JSON documents that others wrote, where damage is an outcome and not an exception.</summary>
public static class JsonDocuments
{
    /// <summary>Parses a document that may be anything.</summary>
    /// <remarks>
    /// Half of a surrogate pair and bytes that are not UTF-8 are replaced by U+FFFD first, so that no method of the
    /// document's elements throws for a text or a name.
    /// </remarks>
    /// <param name="json">The document's bytes.</param>
    /// <param name="document">The document, to be disposed of; null where it is not JSON.</param>
    /// <param name="problem">Why it is not JSON; empty where it is.</param>
    public static bool TryParse(ReadOnlySpan<byte> json, [NotNullWhen(true)] out JsonDocument? document, out string problem)
    {
        var text = Utf8.IsValid(json) ? json.ToArray() : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(json));
        JsonText.RepairEscapes(text);
        try
        {
#pragma warning disable RS0030 // The one place that repairs texts before.
            document = JsonDocument.Parse(text);
#pragma warning restore RS0030
            problem = "";
            return true;
        }
        catch (JsonException e)
        {
            document = null;
            problem = e.Message;
            return false;
        }
    }

    /// <summary>Parses a document that may be anything.</summary>
    /// <param name="json">The document's bytes.</param>
    /// <param name="document">The document, to be disposed of; null where it is not JSON.</param>
    public static bool TryParse(ReadOnlySpan<byte> json, [NotNullWhen(true)] out JsonDocument? document) =>
        TryParse(json, out document, out _);

    /// <summary>A 64-bit number, as a decimal string or as a number.</summary>
    /// <param name="element">The element.</param>
    /// <param name="value">The number.</param>
    public static bool TryInt64(JsonElement element, out long value)
    {
        value = 0;
        return element.ValueKind switch
        {
            JsonValueKind.Number => element.TryGetInt64(out value),
            JsonValueKind.String => TryText(element, out var text)
                && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value),
            _ => false,
        };
    }

    /// <summary>A text; false for other types.</summary>
    /// <param name="element">An element of a document that <see cref="TryParse(ReadOnlySpan{byte}, out JsonDocument?)"/> read.</param>
    /// <param name="text">The text; empty where there is none.</param>
    public static bool TryText(JsonElement element, out string text)
    {
        text = element.ValueKind == JsonValueKind.String ? element.GetString() ?? "" : "";
        return element.ValueKind == JsonValueKind.String;
    }
}
