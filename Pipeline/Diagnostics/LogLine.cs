using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace TelemetryPipeline.Pipeline.Diagnostics;

/// <summary>One log, before it is written.</summary>
/// <param name="Time">When.</param>
/// <param name="Level">How severe.</param>
/// <param name="Category">Who logs: the component's id, or the type's name.</param>
/// <param name="Message">The message with its values.</param>
/// <param name="Fields">Fields of the process, of the component and of the message.</param>
/// <param name="Exception">What was thrown; null for most.</param>
internal readonly record struct LogLine(
    DateTimeOffset Time,
    LogLevel Level,
    string Category,
    string Message,
    IEnumerable<KeyValuePair<string, object?>> Fields,
    Exception? Exception)
{
    // Relaxed: the line is read by people and by log shippers, never put into HTML.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Whether the console encoding keeps the message's line breaks.</summary>
    public bool IsVerbatim { get; init; }

    /// <summary>Writes time, level, category, message and fields, separated by tabs, as the Collector's console encoding does.</summary>
    /// <param name="output">Takes the line.</param>
    public void WriteConsole(IBufferWriter<byte> output)
    {
        var text = $"{Timestamp()}\t{LevelName()}\t{Category}\t{(IsVerbatim ? Message : OneLine(SensitiveText.Mask(Message)))}\t";
        Encoding.UTF8.GetBytes(text, output);
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            WriteFields(json);
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    /// <summary>Writes a JSON object.</summary>
    /// <param name="output">Takes the line.</param>
    public void WriteJson(IBufferWriter<byte> output)
    {
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            json.WriteString("level", LevelName());
            json.WriteString("ts", Timestamp());
            json.WriteString("logger", Category);
            json.WriteString("msg", IsVerbatim ? Message : SensitiveText.Mask(Message));
            WriteFields(json);
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    private static void WriteValue(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNull(name);
                break;
            case bool truth:
                json.WriteBoolean(name, truth);
                break;
            case int number:
                json.WriteNumber(name, number);
                break;
            case long number:
                json.WriteNumber(name, number);
                break;
            case double number when double.IsFinite(number):
                json.WriteNumber(name, number);
                break;
            default:
                json.WriteString(name, SensitiveText.Mask(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""));
                break;
        }
    }

    // A message with a line break could pass for a second log.
    private static string OneLine(string text) => text.AsSpan().IndexOfAny('\r', '\n', '\t') < 0
        ? text
        : text.Replace("\r", "\\r", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal)
            .Replace("\t", " ", StringComparison.Ordinal);

    private void WriteFields(Utf8JsonWriter json)
    {
        foreach (var (name, value) in Fields)
        {
            WriteValue(json, name, value);
        }

        // Problems an operator can mend speak for themselves; anything else needs to be found in the code.
        if (Exception is ComponentStartException)
        {
            json.WriteString("error", SensitiveText.Mask(Exception.Message));
        }
        else if (Exception is not null)
        {
            json.WriteString("error", SensitiveText.Mask(Exception.Message));
            json.WriteString("stacktrace", SensitiveText.Mask(Exception.ToString()));
        }
    }

    private string Timestamp() => Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private string LevelName() => Level switch
    {
        LogLevel.Trace or LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Critical => "fatal",
        _ => "error",
    };
}
