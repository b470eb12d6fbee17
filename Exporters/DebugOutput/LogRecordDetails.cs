using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Exporters.DebugOutput;

/// <summary>Every field of a log record. Numbers are the fields' in <c>logs.proto</c>.</summary>
internal static class LogRecordDetails
{
    private const int StepsPerLevel = 4;

    /// <summary>Writes a log record.</summary>
    /// <param name="index">Its place in its scope.</param>
    /// <param name="record">The record.</param>
    /// <param name="text">Takes the lines.</param>
    public static void Write(int index, ReadOnlySpan<byte> record, TextBlock text)
    {
        text.Add("LogRecord #"u8).Add(index).EndLine();
        text.Add("ObservedTimestamp: "u8).AddTime(MessageFields.Number(record, 11)).EndLine();
        text.Add("Timestamp: "u8).AddTime(MessageFields.Number(record, 1)).EndLine();
        text.Add("SeverityText: "u8).AddForeign(MessageFields.Bytes(record, 3)).EndLine();
        WriteSeverity((int)MessageFields.Number(record, 2), text);
        if (MessageFields.Bytes(record, 12) is { IsEmpty: false } eventName)
        {
            text.Add("EventName: "u8).AddForeign(eventName).EndLine();
        }

        text.Add("Body: "u8).AddTyped(new AnyValueView(MessageFields.Bytes(record, 5))).EndLine();
        DetailedText.WriteAttributes(record, 6, "Attributes:"u8, "     "u8, text);
        if (MessageFields.Number(record, 7) is var dropped && dropped > 0)
        {
            text.Add("DroppedAttributesCount: "u8).Add(dropped).EndLine();
        }

        text.Add("Trace ID: "u8).AddId(MessageFields.Bytes(record, 9)).EndLine();
        text.Add("Span ID: "u8).AddId(MessageFields.Bytes(record, 10)).EndLine();
        text.Add("Flags: "u8).Add(MessageFields.Number(record, 8)).EndLine();
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
