using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Views;

namespace TelemetryPipeline.Exporters.DebugOutput;

/// <summary>Verbosity <c>detailed</c>: every field of resources, scopes and items, a line each.</summary>
/// <param name="destination">Takes the text.</param>
internal sealed class DetailedText(IDebugDestination destination) : BatchText(destination)
{
    /// <summary>Writes attributes below a heading; neither if there are none.</summary>
    /// <param name="attributes">The attributes.</param>
    /// <param name="heading">The heading, with its colon.</param>
    /// <param name="indent">Prefix of each attribute's line.</param>
    /// <param name="text">Receives the lines.</param>
    public static void WriteAttributes(
        AttributeEnumerator attributes, ReadOnlySpan<byte> heading, ReadOnlySpan<byte> indent, TextBlock text)
    {
        var isFirst = true;
        foreach (var attribute in attributes)
        {
            if (isFirst)
            {
                text.Add(heading).EndLine();
                isFirst = false;
            }

            text.Add(indent).Add("-> "u8).AddForeign(attribute.Key).Add(": "u8).AddTyped(attribute.Value).EndLine();
        }
    }

    /// <inheritdoc/>
    protected override void WriteResource(Signal signal, int index, in ResourceView resource, TextBlock text)
    {
        text.Add(signal switch
        {
            Signal.Traces => "ResourceSpans #"u8,
            Signal.Metrics => "ResourceMetrics #"u8,
            _ => "ResourceLog #"u8,
        });
        text.Add(index).EndLine();
        text.Add("Resource SchemaURL: "u8).AddForeign(resource.SchemaUrl).EndLine();
        WriteAttributes(resource.Attributes, "Resource attributes:"u8, "     "u8, text);
        WriteDropped(resource.DroppedAttributesCount, "Resource "u8, text);
        WriteEntities(resource.EntityRefs, text);
    }

    /// <inheritdoc/>
    protected override void WriteScope(Signal signal, int index, in ScopeView scope, TextBlock text)
    {
        var name = signal switch
        {
            Signal.Traces => "ScopeSpans"u8,
            Signal.Metrics => "ScopeMetrics"u8,
            _ => "ScopeLogs"u8,
        };
        text.Add(name).Add(" #"u8).Add(index).EndLine();
        text.Add(name).Add(" SchemaURL: "u8).AddForeign(scope.SchemaUrl).EndLine();
        text.Add("InstrumentationScope "u8).AddForeign(scope.Name);
        text.Add(" "u8).AddForeign(scope.Version).EndLine();
        WriteAttributes(scope.Attributes, "InstrumentationScope attributes:"u8, "     "u8, text);
        WriteDropped(scope.DroppedAttributesCount, "InstrumentationScope "u8, text);
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

    private static void WriteDropped(ulong dropped, ReadOnlySpan<byte> owner, TextBlock text)
    {
        if (dropped > 0)
        {
            text.Add(owner).Add("DroppedAttributesCount: "u8).Add(dropped).EndLine();
        }
    }

    private static void WriteEntities(MessageEnumerator entityRefs, TextBlock text)
    {
        var index = 0;
        foreach (var encoded in entityRefs)
        {
            if (index == 0)
            {
                text.Add("Resource entity refs:"u8).EndLine();
            }

            var entity = new EntityRefView(encoded);
            text.Add("     -> Entity ref #"u8).Add(index++).Add(":"u8).EndLine();
            text.Add("          -> Type: "u8).AddForeign(entity.Type).EndLine();
            if (!entity.SchemaUrl.IsEmpty)
            {
                text.Add("          -> Schema URL: "u8).AddForeign(entity.SchemaUrl).EndLine();
            }

            WriteKeys(entity.IdKeys, "          -> ID keys:"u8, text);
            WriteKeys(entity.DescriptionKeys, "          -> Description keys:"u8, text);
        }
    }

    private static void WriteKeys(MessageEnumerator keys, ReadOnlySpan<byte> heading, TextBlock text)
    {
        var isFirst = true;
        foreach (var key in keys)
        {
            if (isFirst)
            {
                text.Add(heading).EndLine();
                isFirst = false;
            }

            text.Add("               -> "u8).AddForeign(key).EndLine();
        }
    }
}
