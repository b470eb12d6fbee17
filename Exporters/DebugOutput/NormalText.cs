using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Exporters.DebugOutput;

/// <summary>Verbosity <c>normal</c>: a line for each resource, scope, span, data point and log record.</summary>
/// <param name="destination">Takes the text.</param>
internal sealed class NormalText(IDebugDestination destination) : BatchText(destination)
{
    /// <inheritdoc/>
    protected override void WriteResource(
        Signal signal, int index, ReadOnlySpan<byte> resource, ReadOnlySpan<byte> schemaUrl, TextBlock text)
    {
        text.Add(signal switch
        {
            Signal.Traces => "ResourceTraces #"u8,
            Signal.Metrics => "ResourceMetrics #"u8,
            _ => "ResourceLog #"u8,
        });
        text.Add(index);
        AddSchemaUrl(schemaUrl, text);
        AddAttributes(resource, 1, text);
        text.EndLine();
    }

    /// <inheritdoc/>
    protected override void WriteScope(
        Signal signal, int index, ReadOnlySpan<byte> scope, ReadOnlySpan<byte> schemaUrl, TextBlock text)
    {
        text.Add(signal switch
        {
            Signal.Traces => "ScopeTraces #"u8,
            Signal.Metrics => "ScopeMetrics #"u8,
            _ => "ScopeLog #"u8,
        });
        text.Add(index);
        var name = MessageFields.Bytes(scope, 1);
        var version = MessageFields.Bytes(scope, 2);
        if (!name.IsEmpty || !version.IsEmpty)
        {
            text.Add(" "u8).AddForeign(name);
        }

        if (!version.IsEmpty)
        {
            text.Add("@"u8).AddForeign(version);
        }

        AddSchemaUrl(schemaUrl, text);
        AddAttributes(scope, 3, text);
        text.EndLine();
    }

    /// <inheritdoc/>
    protected override void WriteItem(Signal signal, int index, ReadOnlySpan<byte> item, TextBlock text)
    {
        switch (signal)
        {
            case Signal.Traces:
                // Span: trace_id = 1, span_id = 2, name = 5, attributes = 9.
                text.AddForeign(MessageFields.Bytes(item, 5)).Add(" "u8).AddId(MessageFields.Bytes(item, 1));
                text.Add(" "u8).AddId(MessageFields.Bytes(item, 2));
                AddAttributes(item, 9, text);
                text.EndLine();
                break;
            case Signal.Metrics:
                PointLines.Write(item, text);
                break;
            default:
                // LogRecord: body = 5, attributes = 6.
                text.AddValue(new AnyValueView(MessageFields.Bytes(item, 5)));
                AddAttributes(item, 6, text);
                text.EndLine();
                break;
        }
    }

    private static void AddSchemaUrl(ReadOnlySpan<byte> schemaUrl, TextBlock text)
    {
        if (!schemaUrl.IsEmpty)
        {
            text.Add(" ["u8).AddForeign(schemaUrl).Add("]"u8);
        }
    }

    private static void AddAttributes(ReadOnlySpan<byte> message, int field, TextBlock text)
    {
        var fields = new WireReader(message);
        while (fields.Next())
        {
            if (fields.Field == field && fields.Type == WireType.LengthDelimited)
            {
                // KeyValue: key = 1, value = 2.
                text.Add(" "u8).AddForeign(MessageFields.Bytes(fields.Content, 1)).Add("="u8);
                text.AddValue(new AnyValueView(MessageFields.Bytes(fields.Content, 2)));
            }
        }
    }
}
