using TelemetryPipeline.Otlp.Editing;
using TelemetryPipeline.Otlp.Indexing;

namespace TelemetryPipeline.Otlp;

/// <summary>
/// One chunk as the batch's owner sees it: its resources, scopes, metrics and items as nodes, their attributes, and the
/// changes made so far. The same for all three signals.
/// </summary>
/// <remarks>
/// Got from <see cref="OtlpBatch.View"/>. Changes are kept beside the bytes, are seen by every later read through this
/// batch, and are written into new bytes once, when somebody asks the batch for them. Node indices, and values that
/// were read, hold until then; a value also only until its node is changed. Like the batch: one thread at a time.
/// </remarks>
public sealed partial class OtlpView
{
    private readonly OtlpChunk _chunk;
    private readonly ChunkIndex _index;
    private ChunkOverlay? _overlay;
    private SlotTable? _slots;
    private bool _slotsAreShared;

    // There once there are changes and slots.
    private SlotEdits? _slotEdits;

    internal OtlpView(OtlpChunk chunk)
    {
        _chunk = chunk;
        _index = chunk.BorrowIndex();
    }

    /// <summary>What the chunk carries.</summary>
    public Signal Signal => _chunk.Signal;

    /// <summary>All nodes in preorder; a node and all inside it end before its <see cref="OtlpNode.Next"/>.</summary>
    public ReadOnlySpan<OtlpNode> Nodes => _index.Nodes;

    /// <summary>Node index of each item, dropped ones included.</summary>
    public ReadOnlySpan<int> ItemNodes => _index.ItemNodes;

    /// <summary>The spans as received, dropped ones included; record i belongs to item i. Empty for other signals.</summary>
    public ReadOnlySpan<SpanRecord> Spans => Signal == Signal.Traces ? _index.Spans(_chunk.Bytes) : default;

    internal int DroppedItems => _overlay?.DroppedItems ?? 0;

    internal bool HasChanges { get; private set; }

    /// <summary>Bytes that the changes take.</summary>
    internal long ChangesTakenBytes => _overlay?.TakenBytes ?? 0;

    /// <inheritdoc cref="ChunkOverlay.Steps"/>
    internal long EditSteps => _overlay?.Steps ?? 0;

    /// <summary>The resource above a node (or the node itself, when it is one).</summary>
    /// <param name="node">Any node's index.</param>
    public int ResourceOf(int node)
    {
        var nodes = Nodes;
        while (nodes[node].Kind != OtlpNodeKind.ResourceEnvelope)
        {
            node = nodes[node].Parent;
        }

        return nodes[node].Content;
    }

    /// <summary>The scope above a node; -1 for a node above scopes.</summary>
    /// <param name="node">Any node's index.</param>
    public int ScopeOf(int node)
    {
        var nodes = Nodes;
        while (node >= 0 && nodes[node].Kind != OtlpNodeKind.ScopeEnvelope)
        {
            node = nodes[node].Parent;
        }

        return node < 0 ? -1 : nodes[node].Content;
    }

    /// <summary>The metric of a data point; -1 for a node that is not inside a metric.</summary>
    /// <param name="node">Any node's index.</param>
    public int MetricOf(int node)
    {
        var nodes = Nodes;
        while (node >= 0 && nodes[node].Kind != OtlpNodeKind.Metric)
        {
            node = nodes[node].Parent;
        }

        return node;
    }

    /// <summary>Whether the node, or one it is inside of, was dropped.</summary>
    /// <param name="node">Any node's index.</param>
    public bool IsDropped(int node) => _overlay is not null && _overlay.IsDropped(node);

    /// <summary>Drops a node and all inside it, and every envelope that is left without items by that.</summary>
    /// <param name="node">An item, metric or envelope; resources and scopes cannot be dropped on their own.</param>
    /// <exception cref="ArgumentOutOfRangeException">A resource or scope.</exception>
    public void Drop(int node)
    {
        var nodes = Nodes;
        if (nodes[node].Kind is OtlpNodeKind.Resource or OtlpNodeKind.Scope)
        {
            throw new ArgumentOutOfRangeException(nameof(node), nodes[node].Kind, "only items and what holds them can be dropped");
        }

        var overlay = Overlay();
        while (node >= 0 && !overlay.IsDropped(node))
        {
            overlay.Drop(node, nodes);
            node = nodes[node].Parent;
            if (node < 0 || overlay.HasLiveChild(node, nodes))
            {
                break;
            }
        }
    }

    /// <summary>Makes a chunk with the changes in it, or gives another reference to this one when there are none.</summary>
    internal OtlpChunk Apply() => HasChanges
        ? OverlaySplicer.Apply(
            _chunk, Nodes, _overlay!, _index.ItemCount - DroppedItems, IndexCarrier.For(_index, _slots, _slotEdits, _overlay!))
        : _chunk.Retain();

    /// <summary>Returns the memory; the view must not be used any more.</summary>
    internal void Release()
    {
        _overlay?.Release();
        _overlay = null;
        ReleaseSlots();
        _chunk.ReturnIndex();
    }

    private ChunkOverlay Overlay()
    {
        if (_overlay is null)
        {
            _overlay = new ChunkOverlay(_chunk, _index);
            _slotEdits = _slots is null ? null : new SlotEdits(_slots, Nodes.Length);
        }

        HasChanges = true;
        return _overlay;
    }
}
