using TelemetryPipeline.Otlp.Views;

namespace TelemetryPipeline.Exporters.DebugOutput;

/// <summary>Every field of a log record.</summary>
internal static class LogRecordDetails
{
    private const int StepsPerLevel = 4;

    /// <summary>Writes a log record.</summary>
    /// <param name="index">Its position in its scope.</param>
    /// <param name="encoded">The record's bytes.</param>
    /// <param name="text">Receives the lines.</param>
    public static void Write(int index, ReadOnlySpan<byte> encoded, TextBlock text)
    {
        var record = new LogRecordView(encoded);
        text.Add("LogRecord #"u8).Add(index).EndLine();
        text.Add("ObservedTimestamp: "u8).AddTime(record.ObservedNs).EndLine();
        text.Add("Timestamp: "u8).AddTime(record.TimeNs).EndLine();
        text.Add("SeverityText: "u8).AddForeign(record.SeverityText).EndLine();
        WriteSeverity((int)record.SeverityNumber, text);
        if (!record.EventName.IsEmpty)
        {
            text.Add("EventName: "u8).AddForeign(record.EventName).EndLine();
        }

        text.Add("Body: "u8).AddTyped(record.Body).EndLine();
        DetailedText.WriteAttributes(record.Attributes, "Attributes:"u8, "     "u8, text);
        if (record.DroppedAttributesCount > 0)
        {
            text.Add("DroppedAttributesCount: "u8).Add(record.DroppedAttributesCount).EndLine();
        }

        text.Add("Trace ID: "u8).AddId(record.TraceId).EndLine();
        text.Add("Span ID: "u8).AddId(record.SpanId).EndLine();
        text.Add("Flags: "u8).Add(record.Flags).EndLine();
    }

    // Each level has four numbers: Info is 9, Info2 is 10.
    private static void WriteSeverity(int number, TextBlock text)
    {
        text.Add("SeverityNumber: "u8).Add(LevelName(number));
        var step = (number - 1) % StepsPerLevel;
        if (number is > 0 and <= 24 && step > 0)
        {
            text.Add(step + 1);
        }

        text.Add("("u8).Add(number).Add(")"u8).EndLine();
    }

    private static ReadOnlySpan<byte> LevelName(int number) => number switch
    {
        0 => "Unspecified"u8,
        >= 1 and <= 4 => "Trace"u8,
        >= 5 and <= 8 => "Debug"u8,
        >= 9 and <= 12 => "Info"u8,
        >= 13 and <= 16 => "Warn"u8,
        >= 17 and <= 20 => "Error"u8,
        >= 21 and <= 24 => "Fatal"u8,
        _ => default,
    };
}
