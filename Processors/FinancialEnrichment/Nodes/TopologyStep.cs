using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Nodes;

/// <summary>Sets <c>node_type</c> on spans, and <c>node_name</c> on their resource, from <c>service.name</c>.</summary>
internal sealed class TopologyStep : IDisposable
{
    private const int FileBytesMax = 4 * 1024 * 1024;
    private readonly AttributeSlots _slots;
    private readonly int _service;
    private readonly int _nodeType;
    private readonly int _nodeName;
    private readonly NodeTable _shipped = NodeTable.Shipped();
    private readonly WatchedFile<NodeTable>? _file;

    public TopologyStep(TopologyConfig config, AttributeSlots slots, ComponentContext context)
    {
        _slots = slots;
        _service = slots.Register("service.name");
        _nodeType = slots.Register("node_type");
        _nodeName = slots.Register("node_name");
        _file = config.File is null ? null : new WatchedFile<NodeTable>(config.File, FileBytesMax, NodeTable.Parse, context);
    }

    /// <summary>Reads the topology file.</summary>
    /// <exception cref="ComponentStartException">It cannot be read or is not right.</exception>
    public void Start() => _file?.Start();

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    /// <summary>The node of a resource, whose name is put on it; null when the topology does not know it.</summary>
    public NodeEntry? ApplyToResource(OtlpView view, int resource)
    {
        if (!view.TryGetAttribute(_slots, resource, _service, out var service)
            || (_file?.Current ?? _shipped).Find(service.Text) is not { } node)
        {
            return null;
        }

        if (!view.Has(_slots, resource, _nodeName))
        {
            view.SetText(_slots, resource, _nodeName, node.Name);
        }

        return node;
    }

    /// <summary>Puts the tier on a span, unless the sender has said it itself.</summary>
    public void ApplyToSpan(in SlotRow span, NodeEntry node)
    {
        if (!span.Has(_nodeType))
        {
            span.SetText(_nodeType, node.Type);
        }
    }
}
