using System.Globalization;
using System.Text;
using System.Text.Json;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Collector.Cli;

/// <summary>Writes a configuration tree as YAML or as JSON.</summary>
internal static class DocumentWriter
{
    private const int Indent = 2;

    private static readonly JsonWriterOptions JsonOptions = new()
    {
        Indented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes YAML that reads back as the same tree.</summary>
    /// <param name="document">The tree.</param>
    public static string ToYaml(ConfigMap document)
    {
        var text = new StringBuilder();
        if (document.Entries.Count == 0)
        {
            return "{}\n";
        }

        WriteMap(text, document, 0);
        return text.ToString();
    }

    /// <summary>Writes JSON, indented.</summary>
    /// <param name="document">The tree.</param>
    public static string ToJson(ConfigMap document)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, JsonOptions))
        {
            WriteJson(writer, document);
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length) + "\n";
    }

    private static void WriteMap(StringBuilder text, ConfigMap map, int column)
    {
        var first = true;
        foreach (var entry in map.Entries)
        {
            // The first key of a map inside a list stands behind the dash.
            text.Append(' ', first && text.Length > 0 && text[^1] == ' ' ? 0 : column);
            first = false;
            text.Append(Quote(entry.Key)).Append(':');
            WriteValue(text, entry.Value, column);
        }
    }

    private static void WriteValue(StringBuilder text, ConfigNode value, int column)
    {
        switch (value)
        {
            case ConfigMap { Entries.Count: > 0 } map:
                text.Append('\n');
                WriteMap(text, map, column + Indent);
                break;
            case ConfigList { Items.Count: > 0 } list:
                text.Append('\n');
                WriteList(text, list, column + Indent);
                break;
            default:
                text.Append(' ').Append(Inline(value)).Append('\n');
                break;
        }
    }

    private static void WriteList(StringBuilder text, ConfigList list, int column)
    {
        foreach (var item in list.Items)
        {
            text.Append(' ', column).Append("- ");
            switch (item)
            {
                case ConfigMap { Entries.Count: > 0 } map:
                    WriteMap(text, map, column + Indent);
                    break;
                case ConfigList { Items.Count: > 0 } nested:
                    text.Length--;
                    text.Append('\n');
                    WriteList(text, nested, column + Indent);
                    break;
                default:
                    text.Append(Inline(item)).Append('\n');
                    break;
            }
        }
    }

    private static string Inline(ConfigNode value) => value switch
    {
        ConfigMap => "{}",
        ConfigList => "[]",
        ConfigScalar { Kind: ScalarKind.Null } => "null",
        ConfigScalar { Kind: ScalarKind.Text } scalar => Quote(scalar.Text),
        ConfigScalar scalar => scalar.Text,
        _ => "null",
    };

    // Plain where no reader can take it for anything else; a JSON string, which YAML reads too, elsewhere.
    private static string Quote(string text)
    {
        var plain = text.Length > 0 && char.IsAsciiLetter(text[0]) && text[^1] is not (':' or ' ')
            && !text.Contains(": ", StringComparison.Ordinal) && ConfigScalar.KindOf(text) == ScalarKind.Text;
        foreach (var c in text)
        {
            plain &= char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '/' or '.' or ':' or '=' or '+' or ' ';
        }

        return plain ? text : Escape(text);
    }

    private static string Escape(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\n' => quoted.Append("\\n"),
                '\t' => quoted.Append("\\t"),
                '\r' => quoted.Append("\\r"),
                < ' ' or (>= '\x7f' and <= '\x9f') or '\u2028' or '\u2029' or '\ufeff' =>
                    quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => quoted.Append(c),
            };
        }

        return quoted.Append('"').ToString();
    }

    private static void WriteJson(Utf8JsonWriter writer, ConfigNode node)
    {
        switch (node)
        {
            case ConfigMap map:
                writer.WriteStartObject();
                foreach (var entry in map.Entries)
                {
                    writer.WritePropertyName(entry.Key);
                    WriteJson(writer, entry.Value);
                }

                writer.WriteEndObject();
                break;
            case ConfigList list:
                writer.WriteStartArray();
                foreach (var item in list.Items)
                {
                    WriteJson(writer, item);
                }

                writer.WriteEndArray();
                break;
            case ConfigScalar { Kind: ScalarKind.Null }:
                writer.WriteNullValue();
                break;
            case ConfigScalar { Kind: ScalarKind.Bool } scalar:
                writer.WriteBooleanValue(scalar.Text is ['t' or 'T', ..]);
                break;
            case ConfigScalar { Int64: { } whole }:
                writer.WriteNumberValue(whole);
                break;
            case ConfigScalar { Number: { } number }:
                writer.WriteNumberValue(number);
                break;
            case ConfigScalar scalar:
                writer.WriteStringValue(scalar.Text);
                break;
        }
    }
}
