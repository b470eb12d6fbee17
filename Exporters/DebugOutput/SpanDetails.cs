using TelemetryPipeline.Otlp.Views;

namespace TelemetryPipeline.Exporters.DebugOutput;

/// <summary>Every field of a span.</summary>
internal static class SpanDetails
{
    /// <summary>Writes a span.</summary>
    /// <param name="index">Its position in its scope.</param>
    /// <param name="encoded">The span's bytes.</param>
    /// <param name="text">Receives the lines.</param>
    public static void Write(int index, ReadOnlySpan<byte> encoded, TextBlock text)
    {
        var span = new SpanView(encoded);
        text.Add("Span #"u8).Add(index).EndLine();
        text.Add("    Trace ID       : "u8).AddId(span.TraceId).EndLine();
        text.Add("    Parent ID      : "u8).AddId(span.ParentSpanId).EndLine();
        text.Add("    ID             : "u8).AddId(span.SpanId).EndLine();
        text.Add("    Name           : "u8).AddForeign(span.Name).EndLine();
        text.Add("    Kind           : "u8).Add(KindName(span.Kind)).EndLine();
        if (!span.TraceState.IsEmpty)
        {
            text.Add("    TraceState     : "u8).AddForeign(span.TraceState).EndLine();
        }

        if (span.Flags != 0)
        {
            text.Add("    Flags          : "u8).Add(span.Flags).EndLine();
        }

        text.Add("    Start time     : "u8).AddTime(span.StartNs).EndLine();
        text.Add("    End time       : "u8).AddTime(span.EndNs).EndLine();
        text.Add("    Status code    : "u8).Add(StatusName(span.StatusCode)).EndLine();
        text.Add("    Status message : "u8).AddForeign(span.StatusMessage).EndLine();
        DetailedText.WriteAttributes(span.Attributes, "Attributes:"u8, "     "u8, text);
        text.Add("    DroppedAttributesCount: "u8).Add(span.DroppedAttributesCount).EndLine();
        WriteEvents(span.Events, text);
        text.Add("    DroppedEventsCount: "u8).Add(span.DroppedEventsCount).EndLine();
        WriteLinks(span.Links, text);
        text.Add("    DroppedLinksCount: "u8).Add(span.DroppedLinksCount).EndLine();
    }

    private static void WriteEvents(MessageEnumerator events, TextBlock text)
    {
        var index = 0;
        foreach (var encoded in events)
        {
            if (index == 0)
            {
                text.Add("Events:"u8).EndLine();
            }

            var spanEvent = new SpanEventView(encoded);
            text.Add("SpanEvent #"u8).Add(index++).EndLine();
            text.Add("     -> Name: "u8).AddForeign(spanEvent.Name).EndLine();
            text.Add("     -> Timestamp: "u8).AddTime(spanEvent.TimeNs).EndLine();
            text.Add("     -> DroppedAttributesCount: "u8).Add(spanEvent.DroppedAttributesCount).EndLine();
            DetailedText.WriteAttributes(spanEvent.Attributes, "     -> Attributes::"u8, "          "u8, text);
        }
    }

    private static void WriteLinks(MessageEnumerator links, TextBlock text)
    {
        var index = 0;
        foreach (var encoded in links)
        {
            if (index == 0)
            {
                text.Add("Links:"u8).EndLine();
            }

            var link = new SpanLinkView(encoded);
            text.Add("SpanLink #"u8).Add(index++).EndLine();
            text.Add("     -> Trace ID: "u8).AddId(link.TraceId).EndLine();
            text.Add("     -> ID: "u8).AddId(link.SpanId).EndLine();
            text.Add("     -> TraceState: "u8).AddForeign(link.TraceState).EndLine();
            text.Add("     -> DroppedAttributesCount: "u8).Add(link.DroppedAttributesCount).EndLine();
            DetailedText.WriteAttributes(link.Attributes, "     -> Attributes::"u8, "          "u8, text);
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
