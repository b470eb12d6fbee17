namespace TelemetryPipeline.Pipeline.Configuration;

/// <summary>Ids that a document declares, also those whose settings are wrong, so that a use of them is no second error.</summary>
internal sealed class DeclaredComponents
{
    private readonly Dictionary<ComponentId, SourcePosition>[] _byKind = [[], [], [], [], []];

    /// <summary>The ids of a kind, with the position of their keys.</summary>
    /// <param name="kind">The kind.</param>
    public IReadOnlyDictionary<ComponentId, SourcePosition> Of(ComponentKind kind) => _byKind[(int)kind];

    /// <summary>Whether an id is declared.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="id">The id.</param>
    public bool Has(ComponentKind kind, ComponentId id) => _byKind[(int)kind].ContainsKey(id);

    /// <summary>Takes note of an id.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="id">The id.</param>
    /// <param name="position">Where its key stands.</param>
    /// <returns>False when it is there already.</returns>
    public bool TryAdd(ComponentKind kind, ComponentId id, SourcePosition position) =>
        _byKind[(int)kind].TryAdd(id, position);
}
