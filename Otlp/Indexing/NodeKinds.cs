using TelemetryPipeline.Otlp.Schema;

namespace TelemetryPipeline.Otlp.Indexing;

/// <summary>Which messages are nodes of the index, and where their attributes are.</summary>
internal static class NodeKinds
{
    private static readonly OtlpNodeKind[] Kinds = Build();
    private static readonly byte[] AttributeFields = BuildAttributeFields();

    public static OtlpNodeKind Of(MessageKind message) => Kinds[(int)message];

    /// <summary>Field number of a message's attributes; 0 where it has none.</summary>
    public static int AttributeField(MessageKind message) => AttributeFields[(int)message];

    /// <summary>Whether the index looks inside a node for more nodes.</summary>
    public static bool HasChildren(OtlpNodeKind kind) => kind is OtlpNodeKind.ResourceEnvelope
        or OtlpNodeKind.ScopeEnvelope or OtlpNodeKind.Metric or OtlpNodeKind.MetricData;

    private static OtlpNodeKind[] Build()
    {
        var kinds = new OtlpNodeKind[OtlpSchema.Messages.Length];
        foreach (var message in OtlpSchema.Messages)
        {
            kinds[(int)message.Kind] = message.Kind switch
            {
                MessageKind.ResourceSpans or MessageKind.ResourceMetrics or MessageKind.ResourceLogs
                    => OtlpNodeKind.ResourceEnvelope,
                MessageKind.ScopeSpans or MessageKind.ScopeMetrics or MessageKind.ScopeLogs => OtlpNodeKind.ScopeEnvelope,
                MessageKind.Resource => OtlpNodeKind.Resource,
                MessageKind.Scope => OtlpNodeKind.Scope,
                MessageKind.Metric => OtlpNodeKind.Metric,
                MessageKind.Gauge or MessageKind.Sum or MessageKind.Histogram or MessageKind.ExponentialHistogram
                    or MessageKind.Summary => OtlpNodeKind.MetricData,
                _ => OtlpSchema.IsItem(message.Kind) ? OtlpNodeKind.Item : OtlpNodeKind.None,
            };
        }

        return kinds;
    }

    private static byte[] BuildAttributeFields()
    {
        var fields = new byte[OtlpSchema.Messages.Length];
        foreach (var message in OtlpSchema.Messages)
        {
            fields[(int)message.Kind] = (byte)(message.Find("attributes"u8)?.Number ?? 0);
        }

        return fields;
    }
}
