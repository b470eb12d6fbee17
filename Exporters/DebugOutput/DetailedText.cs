using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Exporters.DebugOutput;

/// <summary>Verbosity <c>detailed</c>: every field of resources, scopes and items, a line each.</summary>
/// <param name="destination">Takes the text.</param>
internal sealed class DetailedText(IDebugDestination destination) : BatchText(destination)
{
    /// <summary>Writes attributes below a heading; neither where there are none.</summary>
    /// <param name="message">What has the attributes.</param>
    /// <param name="field">Their field's number.</param>
    /// <param name="heading">The heading, with its colon.</param>
    /// <param name="indent">What is in front of each attribute.</param>
    /// <param name="text">Takes the lines.</param>
    public static void WriteAttributes(
        ReadOnlySpan<byte> message, int field, ReadOnlySpan<byte> heading, ReadOnlySpan<byte> indent, TextBlock text)
    {
        var isFirst = true;
        var fields = new WireReader(message);
        while (fields.Next())
        {
            if (fields.Field != field || fields.Type != WireType.LengthDelimited)
            {
                continue;
            }

            if (isFirst)
            {
                text.Add(heading).EndLine();
                isFirst = false;
            }

            // KeyValue: key = 1, value = 2.
            text.Add(indent).Add("-> "u8).AddForeign(MessageFields.Bytes(fields.Content, 1)).Add(": "u8);
            text.AddTyped(new AnyValueView(MessageFields.Bytes(fields.Content, 2))).EndLine();
        }
    }

    /// <inheritdoc/>
    protected override void WriteResource(
        Signal signal, int index, ReadOnlySpan<byte> resource, ReadOnlySpan<byte> schemaUrl, TextBlock text)
    {
        text.Add(signal switch
        {
            Signal.Traces => "ResourceSpans #"u8,
            Signal.Metrics => "ResourceMetrics #"u8,
            _ => "ResourceLog #"u8,
        });
        text.Add(index).EndLine();
        text.Add("Resource SchemaURL: "u8).AddForeign(schemaUrl).EndLine();
        WriteAttributes(resource, 1, "Resource attributes:"u8, "     "u8, text);
        WriteDropped(resource, 2, "Resource "u8, text);
        WriteEntities(resource, text);
    }

    /// <inheritdoc/>
    protected override void WriteScope(
        Signal signal, int index, ReadOnlySpan<byte> scope, ReadOnlySpan<byte> schemaUrl, TextBlock text)
    {
        var name = signal switch
        {
            Signal.Traces => "ScopeSpans"u8,
            Signal.Metrics => "ScopeMetrics"u8,
            _ => "ScopeLogs"u8,
        };
        text.Add(name).Add(" #"u8).Add(index).EndLine();
        text.Add(name).Add(" SchemaURL: "u8).AddForeign(schemaUrl).EndLine();
        text.Add("InstrumentationScope "u8).AddForeign(MessageFields.Bytes(scope, 1));
        text.Add(" "u8).AddForeign(MessageFields.Bytes(scope, 2)).EndLine();
        WriteAttributes(scope, 3, "InstrumentationScope attributes:"u8, "     "u8, text);
        WriteDropped(scope, 4, "InstrumentationScope "u8, text);
    }

    /// <inheritdoc/>
    protected override void WriteItem(Signal signal, int index, ReadOnlySpan<byte> item, TextBlock text)
    {
        switch (signal)
        {
            case Signal.Traces:
                SpanDetails.Write(index, item, text);
                break;
            case Signal.Metrics:
                MetricDetails.Write(index, item, text);
                break;
            default:
                LogRecordDetails.Write(index, item, text);
                break;
        }
    }

    private static void WriteDropped(ReadOnlySpan<byte> message, int field, ReadOnlySpan<byte> owner, TextBlock text)
    {
        if (MessageFields.Number(message, field) is var dropped && dropped > 0)
        {
            text.Add(owner).Add("DroppedAttributesCount: "u8).Add(dropped).EndLine();
        }
    }

    // Resource: entity_refs = 3. EntityRef: schema_url = 1, type = 2, id_keys = 3, description_keys = 4.
    private static void WriteEntities(ReadOnlySpan<byte> resource, TextBlock text)
    {
        var index = 0;
        var fields = new WireReader(resource);
        while (fields.Next())
        {
            if (fields is not { Field: 3, Type: WireType.LengthDelimited })
            {
                continue;
            }

            if (index == 0)
            {
                text.Add("Resource entity refs:"u8).EndLine();
            }

            text.Add("     -> Entity ref #"u8).Add(index++).Add(":"u8).EndLine();
            text.Add("          -> Type: "u8).AddForeign(MessageFields.Bytes(fields.Content, 2)).EndLine();
            if (MessageFields.Bytes(fields.Content, 1) is { IsEmpty: false } schemaUrl)
            {
                text.Add("          -> Schema URL: "u8).AddForeign(schemaUrl).EndLine();
            }

            WriteKeys(fields.Content, 3, "          -> ID keys:"u8, text);
            WriteKeys(fields.Content, 4, "          -> Description keys:"u8, text);
        }
    }

    private static void WriteKeys(ReadOnlySpan<byte> entity, int field, ReadOnlySpan<byte> heading, TextBlock text)
    {
        var isFirst = true;
        var fields = new WireReader(entity);
        while (fields.Next())
        {
            if (fields.Field == field && fields.Type == WireType.LengthDelimited)
            {
                if (isFirst)
                {
                    text.Add(heading).EndLine();
                    isFirst = false;
                }

                text.Add("               -> "u8).AddForeign(fields.Content).EndLine();
            }
        }
    }
}
