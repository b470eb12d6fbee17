using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Exporters.Alerting.Templates;

/// <summary>What a template becomes, which decides how values are escaped.</summary>
internal enum TemplateFormat : byte
{
    /// <summary>JSON: values are escaped inside quotation marks, and are JSON values of their own outside.</summary>
    Json,

    /// <summary>A URL: values are percent-encoded.</summary>
    Url,

    /// <summary>Plain text: values as they are.</summary>
    Plain,
}

/// <summary>A text with placeholders such as <c>{{labels.service}}</c>. Immutable; it was checked when it was made.</summary>
/// <remarks>
/// There is nothing but placeholders: no conditions, no loops, no functions. So no value, whatever it holds, can become
/// anything but a value, and what a template makes from one alert it makes from all.
/// </remarks>
internal sealed class TemplateText
{
    private const string Open = "{{";
    private const string Close = "}}";

    private readonly List<Part> _parts;
    private readonly TemplateFormat _format;

    private TemplateText(List<Part> parts, TemplateFormat format)
    {
        _parts = parts;
        _format = format;
    }

    private readonly record struct Part(string Literal, TemplateField? Field, bool IsQuoted);

    /// <summary>Reads a template.</summary>
    /// <param name="text">The template.</param>
    /// <param name="format">What it becomes.</param>
    /// <param name="problem">What is wrong with it; null when all is well.</param>
    public static TemplateText? Parse(string text, TemplateFormat format, out string? problem)
    {
        var parts = new List<Part>();
        var quoted = false;
        for (var at = 0; at < text.Length;)
        {
            var open = text.IndexOf(Open, at, StringComparison.Ordinal);
            var literal = open < 0 ? text[at..] : text[at..open];
            quoted = format == TemplateFormat.Json && EndsQuoted(literal, quoted);
            parts.Add(new Part(literal, null, quoted));
            if (open < 0)
            {
                break;
            }

            if (quoted && EndsInBackslash(literal))
            {
                problem = $"a backslash stands before the placeholder at character {open + 1}";
                return null;
            }

            var close = text.IndexOf(Close, open, StringComparison.Ordinal);
            if (close < 0)
            {
                problem = $"the placeholder at character {open + 1} has no end";
                return null;
            }

            var name = text[(open + Open.Length)..close].Trim();
            if (TemplateFields.Find(name) is not { } field)
            {
                var hint = NearestWord.Find(name, TemplateFields.Names) is { } nearest ? $"; did you mean \"{nearest}\"?" : "";
                problem = $"there is no placeholder \"{name}\" (at character {open + 1}){hint}";
                return null;
            }

            parts.Add(new Part("", field, quoted));
            at = close + Close.Length;
        }

        var template = new TemplateText(parts, format);
        problem = template.ProblemOfSample();
        return problem is null ? template : null;
    }

    /// <summary>Puts an alert's values in.</summary>
    /// <param name="alert">The alert.</param>
    /// <param name="receiver">The receiver's name.</param>
    public string Fill(Alert alert, string receiver) => Fill(field => field.Read(alert, receiver));

    // JSON is told from the quotation marks of the template alone: values cannot add any.
    private static bool EndsQuoted(string literal, bool quoted)
    {
        for (var i = 0; i < literal.Length; i++)
        {
            if (literal[i] == '\\' && quoted)
            {
                i++;
            }
            else if (literal[i] == '"')
            {
                quoted = !quoted;
            }
        }

        return quoted;
    }

    private static bool EndsInBackslash(string literal) => (literal.Length - literal.TrimEnd('\\').Length) % 2 == 1;

    private string Fill(Func<TemplateField, string> read)
    {
        var text = new StringBuilder();
        foreach (var part in _parts)
        {
            text.Append(part.Field is null ? part.Literal : Escape(part, read(part.Field)));
        }

        return text.ToString();
    }

    private string Escape(in Part part, string value)
    {
        switch (_format)
        {
            case TemplateFormat.Url:
                return Uri.EscapeDataString(value);
            case TemplateFormat.Plain:
                return value;
            default:
                if (part.IsQuoted)
                {
                    return JsonEncodedText.Encode(value, JavaScriptEncoder.Default).ToString();
                }

                return part.Field!.Kind == TemplateValueKind.Text
                    ? $"\"{JsonEncodedText.Encode(value, JavaScriptEncoder.Default)}\""
                    : value.Length == 0 ? "null" : value;
        }
    }

    // With placeholders filled in by what is the hardest to bear, the text must be what it is to become.
    private string? ProblemOfSample()
    {
        var sample = Fill(static field => field.Kind == TemplateValueKind.Text ? "\"\\\n&x" : "[]");
        switch (_format)
        {
            case TemplateFormat.Url:
                return Uri.TryCreate(sample, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
                    ? null
                    : "it makes no http:// or https:// URL";
            case TemplateFormat.Json:
                return ProblemOfJson(sample);
            default:
                return null;
        }
    }

    private static string? ProblemOfJson(string sample)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(sample));
        try
        {
            while (reader.Read())
            {
            }

            return null;
        }
        catch (JsonException e)
        {
            return $"it makes no JSON: line {(e.LineNumber ?? 0) + 1}, byte {(e.BytePositionInLine ?? 0) + 1}";
        }
    }
}
