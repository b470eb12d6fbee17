using System.Linq;
using Microsoft.Extensions.Logging.Abstractions;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Pipeline.Graph;
using TelemetryPipeline.Tests.Processors;

namespace TelemetryPipeline.Tests.Pipeline.Graph;

/// <summary>
/// Graphs of in-memory components from a short form: <c>traces: recv -> pass, change -> exp, exp/2</c>. The settings
/// of a component are one text, <c>v1</c> unless told; a component with other settings counts as changed.
/// </summary>
internal sealed class TestWorld
{
    /// <summary>The one setting of its components.</summary>
    public const string SettingKey = "is";

    private static readonly SourcePosition Nowhere = new("test", 1, 1);

    private readonly Dictionary<string, int> _instances = [];
    private readonly List<(string Id, TestComponent Component)> _components = [];
    private readonly TestReceiverFactory _receivers;
    private readonly TestProcessorFactory _pass;
    private readonly TestProcessorFactory _change;
    private readonly TestExporterFactory _exporters;
    private readonly TestConnectorFactory _connectors;
    private readonly TestExtensionFactory _extensions;

    public TestWorld()
    {
        _receivers = new(this);
        _pass = new(this, mutates: false);
        _change = new(this, mutates: true);
        _exporters = new(this);
        _connectors = new(this);
        _extensions = new(this);
        Surroundings = new GraphContext
        {
            Metrics = Metrics,
            LoggersOf = static (_, _, _) => NullLoggerFactory.Instance,
        };
    }

    public Journal Journal { get; } = new();

    public MetricRegistry Metrics { get; } = new();

    public GraphContext Surroundings { get; }

    /// <summary>Called with each new component, to arrange its behaviour before it starts.</summary>
    public Action<string, TestComponent>? OnCreate { get; set; }

    public T Last<T>(string id)
        where T : TestComponent => _components.Where(c => c.Id == id).Select(static c => c.Component).OfType<T>().Last();

    public int Instances(string id) => _instances.GetValueOrDefault(id);

    public TestReceiver Receiver(string id = "recv") => Last<TestReceiver>(id);

    public TestExporter Exporter(string id = "exp") => Last<TestExporter>(id);

    public PipelineGraph Build(CollectorConfig config) => PipelineGraph.Build(config, Surroundings);

    public Task<PipelineGraph> SwapAsync(PipelineGraph former, CollectorConfig config) =>
        new GraphSwap(former, Surroundings, NullLogger.Instance)
            .RunAsync(config, TimeSpan.FromSeconds(30), CancellationToken.None);

    public CollectorConfig Config(
        IReadOnlyList<string> pipelines,
        FanOutMode fanOut = FanOutMode.AtLeastOnce,
        IReadOnlyList<string>? extensions = null,
        params IReadOnlyList<(string Id, string Settings)> settings)
    {
        var parsed = pipelines.Select(Parse).ToArray();
        var texts = settings.ToDictionary(static s => s.Id, static s => s.Settings);
        var ids = parsed.SelectMany(static p => p.Receivers.Concat(p.Processors).Concat(p.Exporters)).Distinct().ToArray();
        var running = (extensions ?? []).Select(Id).ToArray();
        return new CollectorConfig
        {
            Receivers = Entries<ReceiverFactory, CreateReceiver>(ids, texts, i => i.Type == "recv" ? _receivers : null),
            Processors = Entries<ProcessorFactory, CreateProcessor>(
                ids, texts, i => i.Type == "pass" ? _pass : i.Type == "change" ? _change : null),
            Exporters = Entries<ExporterFactory, CreateExporter>(ids, texts, i => i.Type == "exp" ? _exporters : null),
            Connectors = Entries<ConnectorFactory, CreateConnector>(ids, texts, i => i.Type == "conn" ? _connectors : null),
            Extensions = Entries<ExtensionFactory, CreateExtension>(running, texts, _ => _extensions),
            Service = new ServiceConfig
            {
                Extensions = running,
                Pipelines = parsed,
                FanOut = fanOut,
                Telemetry = new TelemetryConfig { PrometheusEndpoints = [] },
            },
        };
    }

    public string NameOf(ComponentContext context)
    {
        var id = context.Id.ToString();
        var count = _instances[id] = _instances.GetValueOrDefault(id) + 1;
        return count == 1 ? id : $"{id}#{count}";
    }

    public T Add<T>(ComponentContext context, T component)
        where T : TestComponent
    {
        _components.Add((context.Id.ToString(), component));
        OnCreate?.Invoke(component.Name, component);
        return component;
    }

    private static Dictionary<ComponentId, ComponentEntry<TFactory, TCreate>> Entries<TFactory, TCreate>(
        IEnumerable<ComponentId> ids, Dictionary<string, string> settings, Func<ComponentId, TFactory?> factory)
        where TFactory : ComponentFactory<TCreate>
        where TCreate : Delegate =>
        (from id in ids
         let made = factory(id)
         where made is not null
         let text = settings.GetValueOrDefault(id.ToString(), "v1")
         let node = Nodes.Map((SettingKey, text))
         let plan = made.Plan(new ConfigSection(node, Nowhere, id.ToString(), new ConfigErrors()))
         select new ComponentEntry<TFactory, TCreate>(id, made, plan, node, Nowhere)).ToDictionary(static e => e.Id);

    private static PipelineConfig Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var parts = text[(colon + 1)..].Split("->");
        Assert.True(PipelineId.TryParse(text[..colon], out var id, out var problem), problem);
        var processors = parts.Length == 3 ? Ids(parts[1]) : [];
        return new PipelineConfig(id, Ids(parts[0]), processors, Ids(parts[^1]), Nowhere);
    }

    private static ComponentId[] Ids(string text) =>
        [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Id)];

    private static ComponentId Id(string text)
    {
        Assert.True(ComponentId.TryParse(text, out var id, out var problem), problem);
        return id;
    }
}
