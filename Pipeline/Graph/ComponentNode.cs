using System.Linq;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Pipeline.Graph;

/// <summary>One component instance of a running graph. It can outlive the graph it was built for.</summary>
internal sealed class ComponentNode
{
    private readonly Func<IComponent> _create;

    /// <summary>Creates the component.</summary>
    /// <param name="identity">What it is made from.</param>
    /// <param name="health">How it is doing.</param>
    /// <param name="create">Makes an instance.</param>
    /// <param name="outlets">An outlet a signal for receivers and connectors; empty otherwise.</param>
    public ComponentNode(ComponentIdentity identity, ComponentHealth health, Func<IComponent> create, IReadOnlyList<Outlet> outlets)
    {
        Identity = identity;
        Health = health;
        Outlets = outlets;
        _create = create;
        Component = create();
    }

    /// <summary>What it is made from.</summary>
    public ComponentIdentity Identity { get; }

    /// <summary>How it is doing.</summary>
    public ComponentHealth Health { get; }

    /// <summary>An outlet a signal for receivers and connectors; empty otherwise.</summary>
    public IReadOnlyList<Outlet> Outlets { get; }

    /// <summary>The component.</summary>
    public IComponent Component { get; private set; }

    /// <summary>Whether it was started and not stopped since.</summary>
    public bool IsRunning { get; private set; }

    /// <summary>What takes batches for it: the component itself, or what holds callers until it has started.</summary>
    public IConsumer Inlet => Handover ?? (IConsumer)Component;

    /// <summary>Holds callers while the component waits for its predecessor to stop; null for most.</summary>
    public Handover? Handover { get; set; }

    /// <summary>Starts the component.</summary>
    /// <param name="cancellation">The start is given up.</param>
    /// <exception cref="ComponentStartException">It cannot start; names the component.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        Health.Set(ComponentStatus.Starting, "");
        try
        {
            await Component.StartAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Health.Set(ComponentStatus.PermanentError, e.Message);
            throw new ComponentStartException($"{Health.Kind.Noun()} \"{Health.Id}\": {e.Message}", e);
        }

        IsRunning = true;

        // A component that has said something about itself meanwhile knows better.
        if (Health.Report.Status == ComponentStatus.Starting)
        {
            Health.Set(ComponentStatus.OK, "");
        }
    }

    /// <summary>Stops the component, within the limit that the token sets.</summary>
    /// <param name="cancellation">The limit on draining.</param>
    public async Task StopAsync(CancellationToken cancellation)
    {
        IsRunning = false;
        Health.Set(ComponentStatus.Stopping, "");
        await Component.StopAsync(cancellation).ConfigureAwait(false);
        Health.Set(ComponentStatus.Stopped, "");
    }

    /// <summary>Puts a fresh instance in place of one that was stopped or failed to start. For receivers, which nobody refers to.</summary>
    public void Recreate() => Component = _create();
}

/// <summary>What a component is made from; a reload keeps a component whose identity is the same.</summary>
/// <param name="Factory">What makes it.</param>
/// <param name="Id">Its id.</param>
/// <param name="Node">Its settings after merging and expansion.</param>
/// <param name="Consumes">The signals it is used for.</param>
/// <param name="Emits">The signals a connector emits into pipelines.</param>
/// <param name="Extensions">The extension instances it depends on.</param>
internal sealed record ComponentIdentity(
    ComponentFactory Factory,
    ComponentId Id,
    ConfigNode Node,
    IReadOnlyList<Signal> Consumes,
    IReadOnlyList<Signal> Emits,
    IReadOnlyList<ComponentNode> Extensions)
{
    /// <summary>Whether a component made from the one would be the same as one made from the other.</summary>
    /// <param name="other">The other.</param>
    public bool SameAs(ComponentIdentity other) =>
        ReferenceEquals(Factory, other.Factory) && Id == other.Id && Node.SameAs(other.Node)
        && Consumes.SequenceEqual(other.Consumes) && Emits.SequenceEqual(other.Emits)
        && Extensions.SequenceEqual(other.Extensions);
}
