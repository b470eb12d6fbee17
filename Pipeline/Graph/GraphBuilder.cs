using System.Linq;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Pipeline.Graph;

/// <summary>Builds a graph, around the unchanged components of the one before where there is one. Used once.</summary>
internal sealed class GraphBuilder
{
    private readonly CollectorConfig _config;
    private readonly GraphContext _graphContext;
    private readonly GraphParts? _former;
    private readonly GraphPlan _plan;
    private readonly ExtensionHost _extensions = new();
    private readonly AttributeSlots _slots = new();
    private readonly HashSet<ComponentNode> _kept = [];
    private readonly Dictionary<ComponentId, ComponentNode> _exporters = [];
    private readonly Dictionary<ComponentId, ComponentNode> _connectors = [];
    private readonly Dictionary<ComponentId, ComponentNode> _receivers = [];
    private readonly Dictionary<PipelineId, PipelineNode> _pipelines = [];
    private readonly List<Wire> _wires = [];

    /// <summary>Begins a graph.</summary>
    /// <param name="config">Its configuration.</param>
    /// <param name="graphContext">What outlives every reload.</param>
    /// <param name="former">The running graph; null at the start.</param>
    /// <exception cref="ComponentStartException">Connectors lead data in a circle.</exception>
    public GraphBuilder(CollectorConfig config, GraphContext graphContext, PipelineGraph? former)
    {
        _config = config;
        _graphContext = graphContext;
        _former = former?.Parts;
        _plan = GraphPlan.Of(config);
    }

    /// <summary>Creates what is new, takes over the rest. The running graph is not touched.</summary>
    public PipelineGraph Build()
    {
        var extensions = _config.Service.Extensions.Select(Extension).ToArray();
        foreach (var (id, signals) in _plan.Exporters())
        {
            var entry = _config.Exporters[id];
            _exporters[id] = Shared(
                ComponentKind.Exporter, entry, signals, _former?.Exporters,
                (context, _) => entry.Plan.Create(context));
        }

        foreach (var (id, signals) in _plan.Connectors())
        {
            var entry = _config.Connectors[id];
            _connectors[id] = Shared(
                ComponentKind.Connector, entry, signals, _former?.Connectors,
                (context, outlets) => entry.Plan.Create(context, outlets), Emitted(id));
        }

        foreach (var pipeline in _plan.UpstreamFirst)
        {
            _pipelines[pipeline.Id] = Pipeline(pipeline);
        }

        foreach (var (id, signals) in _plan.Receivers())
        {
            var entry = _config.Receivers[id];
            _receivers[id] = Receiver(entry, signals);
        }

        Connect();
        return new PipelineGraph(new GraphParts
        {
            Config = _config,
            Plan = _plan,
            Extensions = extensions,
            Receivers = _receivers,
            Exporters = _exporters,
            Connectors = _connectors,
            Pipelines = _pipelines,
            Wires = _wires,
            Kept = _kept,
        });
    }

    private ComponentNode Extension(ComponentId id)
    {
        var entry = _config.Extensions[id];
        var node = Shared(
            ComponentKind.Extension, entry, [], _former?.Extensions.ToDictionary(static e => e.Health.Id),
            (context, _) => entry.Plan.Create(context));
        _extensions.Add(node);
        return node;
    }

    // Receivers serve whichever of their outlets are connected, so their signals do not count for their identity:
    // a pipeline more or less does not close a listener.
    private ComponentNode Receiver(ComponentEntry<ReceiverFactory, CreateReceiver> entry, IReadOnlyList<Signal> signals) =>
        Shared(
            ComponentKind.Receiver, entry, signals, _former?.Receivers,
            (context, outlets) => entry.Plan.Create(context, outlets), signalsMatter: false);

    private ComponentNode Shared<TFactory, TCreate>(
        ComponentKind kind,
        ComponentEntry<TFactory, TCreate> entry,
        IReadOnlyList<Signal> signals,
        IReadOnlyDictionary<ComponentId, ComponentNode>? formers,
        Func<ComponentContext, IReadOnlyList<Outlet>, IComponent> create,
        IReadOnlyList<Signal>? emitted = null,
        bool signalsMatter = true)
        where TFactory : ComponentFactory<TCreate>
        where TCreate : Delegate
    {
        var identity = IdentityOf(entry, signalsMatter ? signals : [], emitted ?? []);
        var former = formers?.GetValueOrDefault(entry.Id);
        if (former is { IsRunning: true } && former.Identity.SameAs(identity))
        {
            _kept.Add(former);
            return former;
        }

        Outlet[] outlets = kind is ComponentKind.Receiver or ComponentKind.Connector ? [new(), new(), new()] : [];
        var health = new ComponentHealth(kind, entry.Id, "", _graphContext.Time);
        var context = ContextOf(health, signals);
        var node = new ComponentNode(identity, health, () => create(context, outlets), outlets);
        if (former is not null && identity.Extensions.Count > 0 && node.Component is IConsumer consumer)
        {
            node.Handover = new Handover(consumer);
        }

        return node;
    }

    private PipelineNode Pipeline(PipelineConfig pipeline)
    {
        var identities = pipeline.Processors
            .Select(id => IdentityOf(_config.Processors[id], [pipeline.Id.Signal], [])).ToArray();
        if (_former?.Pipelines.GetValueOrDefault(pipeline.Id) is { } former
            && former.Processors.Count == identities.Length
            && former.Processors.Zip(identities).All(static pair => pair.First.IsRunning && pair.First.Identity.SameAs(pair.Second)))
        {
            _kept.UnionWith(former.Processors);
            return former;
        }

        var tail = new Outlet();
        var gates = new List<IAdmission> { tail };
        var nodes = new ComponentNode[identities.Length];
        IConsumer next = tail;
        Counter? incoming = null;
        for (var i = identities.Length - 1; i >= 0; i--)
        {
            var entry = _config.Processors[pipeline.Processors[i]];
            var health = new ComponentHealth(ComponentKind.Processor, entry.Id, pipeline.Id.ToString(), _graphContext.Time);
            var context = ContextOf(health, [pipeline.Id.Signal]);
            var link = new StageLink(next, Items("outgoing", entry.Id, pipeline.Id.Signal), incoming);
            nodes[i] = new ComponentNode(identities[i], health, () => entry.Plan.Create(context, link), []);
            next = (IConsumer)nodes[i].Component;
            incoming = Items("incoming", entry.Id, pipeline.Id.Signal);
            if (nodes[i].Component is IAdmission gate)
            {
                gates.Insert(0, gate);
            }
        }

        var first = incoming is null ? next : new StageLink(next, null, incoming);
        return new PipelineNode(pipeline.Id, nodes, new PipelineEntry(first, [.. gates]), tail);
    }

    // New outlets are connected at once, since nothing flows yet; those of kept components wait for the swap.
    private void Connect()
    {
        foreach (var pipeline in _plan.UpstreamFirst)
        {
            var branches = pipeline.Exporters.Distinct().Select(id =>
                (id.ToString(), (_exporters.GetValueOrDefault(id) ?? _connectors[id]).Inlet));
            AddWire(pipeline.Id.ToString(), _pipelines[pipeline.Id].Tail, [.. branches]);
        }

        foreach (var (id, node) in _connectors.Concat(_receivers))
        {
            foreach (var signal in SignalNames.All)
            {
                var branches = _plan.From(id, signal).Select(p => (p.Id.ToString(), _pipelines[p.Id].Entry));
                AddWire(id.ToString(), node.Outlets[(int)signal], [.. branches]);
            }
        }
    }

    private void AddWire(string name, Outlet outlet, IReadOnlyList<(string Name, IConsumer Target)> branches)
    {
        var mode = _config.Service.FanOut;
        var former = _former?.Wires.FirstOrDefault(w => ReferenceEquals(w.Outlet, outlet));
        if (former is not null && former.Mode == mode && former.Branches.SequenceEqual(branches))
        {
            _wires.Add(former);
            return;
        }

        var target = branches switch
        {
            [] => null,
            [var only] => only.Target,
            _ => new FanOut(name, [.. branches.Select(static b => new FanOutBranch(b.Name, b.Target))], mode, _graphContext.Metrics),
        };
        _wires.Add(new Wire(outlet, branches, mode, target));
        if (former is null)
        {
            // A new outlet was never connected, so there is no call to wait for.
            _ = outlet.ConnectAsync(target);
        }
    }

    private ComponentIdentity IdentityOf<TFactory, TCreate>(
        ComponentEntry<TFactory, TCreate> entry, IReadOnlyList<Signal> consumes, IReadOnlyList<Signal> emits)
        where TFactory : ComponentFactory<TCreate>
        where TCreate : Delegate
    {
        var extensions = entry.Plan.RequiredExtensions.Select(r => _extensions.Node(r.Extension)).OfType<ComponentNode>();
        return new ComponentIdentity(entry.Factory, entry.Id, entry.Node, consumes, emits, [.. extensions]);
    }

    private List<Signal> Emitted(ComponentId connector)
    {
        var emitted = new List<Signal>();
        foreach (var signal in SignalNames.All)
        {
            if (_plan.From(connector, signal).Any())
            {
                emitted.Add(signal);
            }
        }

        return emitted;
    }

    private ComponentContext ContextOf(ComponentHealth health, IReadOnlyList<Signal> signals) => new()
    {
        Id = health.Id,
        Kind = health.Kind.Noun(),
        Pipeline = health.Pipeline,
        Signals = signals,
        Loggers = _graphContext.LoggersOf(health.Kind, health.Id, health.Pipeline),
        Metrics = _graphContext.Metrics,
        Time = _graphContext.Time,
        Slots = _slots,
        Extensions = _extensions,
        Collector = _graphContext.Collector,
        ReportStatus = (status, message) =>
        {
            health.Set(status, message);
            if (status == ComponentStatus.FatalError)
            {
                _graphContext.OnFatalError(health);
            }
        },
        ReportFault = health.SetFault,
    };

    private Counter Items(string direction, ComponentId processor, Signal signal) => _graphContext.Metrics.Counter(
        $"otelcol_processor_{direction}_items",
        direction == "incoming" ? "Items that a processor was given." : "Items that a processor forwarded.",
        ("processor", processor.ToString()),
        ("otel_signal", signal.PipelineName()));
}
