namespace TelemetryPipeline.Pipeline.Graph;

/// <summary>The extensions of one graph.</summary>
internal sealed class ExtensionHost : IExtensionHost
{
    private readonly Dictionary<ComponentId, ComponentNode> _nodes = [];

    /// <summary>Adds an extension.</summary>
    /// <param name="node">The extension.</param>
    public void Add(ComponentNode node) => _nodes.Add(node.Health.Id, node);

    /// <summary>The node of an extension; null where it does not run.</summary>
    /// <param name="id">Its id.</param>
    public ComponentNode? Node(ComponentId id) => _nodes.GetValueOrDefault(id);

    /// <inheritdoc/>
    public T? Find<T>(ComponentId id)
        where T : class => _nodes.GetValueOrDefault(id)?.Component as T;
}
