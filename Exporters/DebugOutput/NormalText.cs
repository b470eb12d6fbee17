using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Views;

namespace TelemetryPipeline.Exporters.DebugOutput;

/// <summary>Verbosity <c>normal</c>: a line for each resource, scope, span, data point and log record.</summary>
/// <param name="destination">Takes the text.</param>
internal sealed class NormalText(IDebugDestination destination) : BatchText(destination)
{
    /// <inheritdoc/>
    protected override void WriteResource(Signal signal, int index, in ResourceView resource, TextBlock text)
    {
        text.Add(signal switch
        {
            Signal.Traces => "ResourceTraces #"u8,
            Signal.Metrics => "ResourceMetrics #"u8,
            _ => "ResourceLog #"u8,
        });
        text.Add(index);
        AddSchemaUrl(resource.SchemaUrl, text);
        AddAttributes(resource.Attributes, text);
        text.EndLine();
    }

    /// <inheritdoc/>
    protected override void WriteScope(Signal signal, int index, in ScopeView scope, TextBlock text)
    {
        text.Add(signal switch
        {
            Signal.Traces => "ScopeTraces #"u8,
            Signal.Metrics => "ScopeMetrics #"u8,
            _ => "ScopeLog #"u8,
        });
        text.Add(index);
        if (!scope.Name.IsEmpty || !scope.Version.IsEmpty)
        {
            text.Add(" "u8).AddForeign(scope.Name);
        }

        if (!scope.Version.IsEmpty)
        {
            text.Add("@"u8).AddForeign(scope.Version);
        }

        AddSchemaUrl(scope.SchemaUrl, text);
        AddAttributes(scope.Attributes, text);
        text.EndLine();
    }

    /// <inheritdoc/>
    protected override void WriteItem(Signal signal, int index, ReadOnlySpan<byte> item, TextBlock text)
    {
        switch (signal)
        {
            case Signal.Traces:
                var span = new SpanView(item);
                text.AddForeign(span.Name).Add(" "u8).AddId(span.TraceId).Add(" "u8).AddId(span.SpanId);
                AddAttributes(span.Attributes, text);
                text.EndLine();
                break;
            case Signal.Metrics:
                PointLines.Write(item, text);
                break;
            default:
                var record = new LogRecordView(item);
                text.AddValue(record.Body);
                AddAttributes(record.Attributes, text);
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

    private static void AddAttributes(AttributeEnumerator attributes, TextBlock text)
    {
        foreach (var attribute in attributes)
        {
            text.Add(" "u8).AddForeign(attribute.Key).Add("="u8).AddValue(attribute.Value);
        }
    }
}
