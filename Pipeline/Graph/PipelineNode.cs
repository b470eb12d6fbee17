using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Pipeline.Graph;

/// <summary>
/// A running pipeline: its processors, linked, with an outlet at the tail that a reload can connect anew. A reload
/// keeps or replaces the chain of processors as a whole, so that no batch ever passes half of the old chain and half
/// of the new one, and perhaps neither's redaction.
/// </summary>
/// <param name="Id">Its id.</param>
/// <param name="Processors">Its processors, in order.</param>
/// <param name="Entry">Takes its batches.</param>
/// <param name="Tail">Hands batches to exporters and connectors.</param>
internal sealed record PipelineNode(
    PipelineId Id, IReadOnlyList<ComponentNode> Processors, IConsumer Entry, Outlet Tail);

/// <summary>What an outlet leads to.</summary>
/// <param name="outlet">The outlet.</param>
/// <param name="branches">What takes its batches, each with its name; empty when nothing does.</param>
/// <param name="mode">What happens when one refuses.</param>
/// <param name="target">The branch, a fan-out over them, or nothing.</param>
internal sealed class Wire(
    Outlet outlet, IReadOnlyList<(string Name, IConsumer Target)> branches, FanOutMode mode, IConsumer? target)
{
    /// <summary>The outlet.</summary>
    public Outlet Outlet => outlet;

    /// <summary>What takes its batches, each with its name; empty when nothing does.</summary>
    public IReadOnlyList<(string Name, IConsumer Target)> Branches => branches;

    /// <summary>What happens when one refuses.</summary>
    public FanOutMode Mode => mode;

    /// <summary>The branch, a fan-out over them, or nothing.</summary>
    public IConsumer? Target => target;
}
