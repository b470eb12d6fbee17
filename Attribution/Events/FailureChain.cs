namespace TelemetryPipeline.Attribution.Events;

/// <summary>The path from the root of a trace to the origin of a failure. Immutable.</summary>
/// <param name="Nodes">The steps, the root first; empty where there is no origin.</param>
/// <param name="IsComplete">Whether it begins at the trace's root with nothing missing in between.</param>
/// <param name="IsCut">Whether nodes between root and origin were left out because there are too many.</param>
internal sealed record FailureChain(ChainNode[] Nodes, bool IsComplete, bool IsCut)
{
    /// <summary>Steps of a chain; of a longer one, the first and the last of them stay.</summary>
    public const int NodesMax = 64;

    /// <summary>No chain.</summary>
    public static FailureChain None { get; } = new([], IsComplete: false, IsCut: false);

    /// <summary>The last step.</summary>
    public ChainNode Origin => Nodes.Length == 0 ? default : Nodes[^1];

    /// <summary>Whether another chain says the same.</summary>
    /// <param name="other">The other.</param>
    public bool IsSameAs(FailureChain other) =>
        IsComplete == other.IsComplete && IsCut == other.IsCut && Nodes.AsSpan().SequenceEqual(other.Nodes);
}
