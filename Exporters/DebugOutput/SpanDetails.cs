using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Exporters.DebugOutput;

/// <summary>Every field of a span. Numbers are the fields' in <c>trace.proto</c>.</summary>
internal static class SpanDetails
{
    /// <summary>Writes a span.</summary>
    /// <param name="index">Its place in its scope.</param>
    /// <param name="span">The span.</param>
    /// <param name="text">Takes the lines.</param>
    public static void Write(int index, ReadOnlySpan<byte> span, TextBlock text)
    {
        text.Add("Span #"u8).Add(index).EndLine();
        text.Add("    Trace ID       : "u8).AddId(MessageFields.Bytes(span, 1)).EndLine();
        text.Add("    Parent ID      : "u8).AddId(MessageFields.Bytes(span, 4)).EndLine();
        text.Add("    ID             : "u8).AddId(MessageFields.Bytes(span, 2)).EndLine();
        text.Add("    Name           : "u8).AddForeign(MessageFields.Bytes(span, 5)).EndLine();
        text.Add("    Kind           : "u8).Add(KindName(MessageFields.Number(span, 6))).EndLine();
        if (MessageFields.Bytes(span, 3) is { IsEmpty: false } state)
        {
            text.Add("    TraceState     : "u8).AddForeign(state).EndLine();
        }

        if (MessageFields.Number(span, 16) is var flags && flags != 0)
        {
            text.Add("    Flags          : "u8).Add(flags).EndLine();
        }

        text.Add("    Start time     : "u8).AddTime(MessageFields.Number(span, 7)).EndLine();
        text.Add("    End time       : "u8).AddTime(MessageFields.Number(span, 8)).EndLine();
        var status = MessageFields.Bytes(span, 15);
        text.Add("    Status code    : "u8).Add(StatusName(MessageFields.Number(status, 3))).EndLine();
        text.Add("    Status message : "u8).AddForeign(MessageFields.Bytes(status, 2)).EndLine();
        DetailedText.WriteAttributes(span, 9, "Attributes:"u8, "     "u8, text);
        text.Add("    DroppedAttributesCount: "u8).Add(MessageFields.Number(span, 10)).EndLine();
        WriteEvents(span, text);
        text.Add("    DroppedEventsCount: "u8).Add(MessageFields.Number(span, 12)).EndLine();
        WriteLinks(span, text);
        text.Add("    DroppedLinksCount: "u8).Add(MessageFields.Number(span, 14)).EndLine();
    }

    private static void WriteEvents(ReadOnlySpan<byte> span, TextBlock text)
    {
        var index = 0;
        var fields = new WireReader(span);
        while (fields.Next())
        {
            if (fields is not { Field: 11, Type: WireType.LengthDelimited })
            {
                continue;
            }

            if (index == 0)
            {
                text.Add("Events:"u8).EndLine();
            }

            text.Add("SpanEvent #"u8).Add(index++).EndLine();
            text.Add("     -> Name: "u8).AddForeign(MessageFields.Bytes(fields.Content, 2)).EndLine();
            text.Add("     -> Timestamp: "u8).AddTime(MessageFields.Number(fields.Content, 1)).EndLine();
            text.Add("     -> DroppedAttributesCount: "u8).Add(MessageFields.Number(fields.Content, 4)).EndLine();
            DetailedText.WriteAttributes(fields.Content, 3, "     -> Attributes::"u8, "          "u8, text);
        }
    }

    private static void WriteLinks(ReadOnlySpan<byte> span, TextBlock text)
    {
        var index = 0;
        var fields = new WireReader(span);
        while (fields.Next())
        {
            if (fields is not { Field: 13, Type: WireType.LengthDelimited })
            {
                continue;
            }

            if (index == 0)
            {
                text.Add("Links:"u8).EndLine();
            }

            text.Add("SpanLink #"u8).Add(index++).EndLine();
            text.Add("     -> Trace ID: "u8).AddId(MessageFields.Bytes(fields.Content, 1)).EndLine();
            text.Add("     -> ID: "u8).AddId(MessageFields.Bytes(fields.Content, 2)).EndLine();
            text.Add("     -> TraceState: "u8).AddForeign(MessageFields.Bytes(fields.Content, 3)).EndLine();
            text.Add("     -> DroppedAttributesCount: "u8).Add(MessageFields.Number(fields.Content, 5)).EndLine();
            DetailedText.WriteAttributes(fields.Content, 4, "     -> Attributes::"u8, "          "u8, text);
        }
    }

    private static ReadOnlySpan<byte> KindName(ulong kind) => kind switch
    {
        0 => "Unspecified"u8,
        1 => "Internal"u8,
        2 => "Server"u8,
        3 => "Client"u8,
        4 => "Producer"u8,
        5 => "Consumer"u8,
        _ => default,
    };

    private static ReadOnlySpan<byte> StatusName(ulong code) => code switch
    {
        0 => "Unset"u8,
        1 => "Ok"u8,
        2 => "Error"u8,
        _ => default,
    };
}
