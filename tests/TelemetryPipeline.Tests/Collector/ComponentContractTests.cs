using System.Linq;
using Microsoft.Extensions.Logging.Abstractions;
using TelemetryPipeline.Collector;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Tests.Collector;

/// <summary>What every component of this build owes to the graph and to its users; a new one is checked by itself.</summary>
public sealed class ComponentContractTests
{
    public static TheoryData<string> All()
    {
        var names = new TheoryData<string>();
        foreach (var kind in ComponentKindNames.All)
        {
            foreach (var factory in Components.All.All(kind))
            {
                names.Add($"{kind.SectionKey()}/{factory.Type}");
            }
        }

        return names;
    }

    [Theory]
    [MemberData(nameof(All))]
    public void DefaultConfig_IsValidOrSaysWhatIsMissing(string name)
    {
        var (_, errors) = Read(name);

        Assert.All(errors, static e => Assert.Matches("must|needs|no |required|specify", e.Problem));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void UnknownKey_IsRefused(string name)
    {
        var factory = Find(name);
        var position = new SourcePosition("test", 1, 1);
        var errors = new ConfigErrors();
        var node = new ConfigMap
        {
            Position = position,
            Entries =
            [
                new ConfigEntry("no_such_key", position, new ConfigScalar { Position = position, Kind = ScalarKind.Int, Text = "1" }),
            ],
        };

        var section = new ConfigSection(node, position, name, errors);
        factory.Plan(section);
        section.Finish();

        Assert.Contains(errors.Sorted(), static e => e.ToString().Contains("no_such_key", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task StopAsync_WithoutStartAndTwice_IsSafe(string name)
    {
        var (create, errors) = Read(name);
        Assert.SkipWhen(errors.Count > 0, "its default configuration is not valid by design");
        var component = create(Context(Find(name)));

        await component.StopAsync(CancellationToken.None);
        await component.StopAsync(CancellationToken.None);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Readme_ListsEverySetting(string name)
    {
        var factory = Find(name);
        var position = new SourcePosition("test", 1, 1);
        var section = new ConfigSection(null, position, name, new ConfigErrors());
        factory.Plan(section);

        var readme = ReadmeOf(factory);

        Assert.True(File.Exists(readme), $"{factory.GetType().Name} has no {readme}");
        var text = File.ReadAllText(readme);
        Assert.All(section.KnownKeys, key => Assert.Contains(key, text, StringComparison.Ordinal));
    }

    private static ComponentFactory Find(string name)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        foreach (var kind in ComponentKindNames.All)
        {
            if (kind.SectionKey() == name[..slash] && Components.All.TryFind(kind, name[(slash + 1)..], out ComponentFactory? factory))
            {
                return factory;
            }
        }

        throw new InvalidOperationException($"no component {name}");
    }

    private static (Func<ComponentContext, IComponent> Create, IReadOnlyList<ConfigError> Errors) Read(string name)
    {
        var errors = new ConfigErrors();
        var section = new ConfigSection(null, new SourcePosition("test", 1, 1), name, errors);
        return (Find(name).Plan(section), errors.Sorted());
    }

    private static ComponentContext Context(ComponentFactory factory) => new()
    {
        Id = new ComponentId(factory.Type, ""),
        Signals = factory is ExtensionFactory ? [] : [Signal.Traces],
        Loggers = NullLoggerFactory.Instance,
        Metrics = new MetricRegistry(),
        Extensions = new NoExtensions(),
        ReportStatus = static (_, _) => { },
    };

    // The folder follows from the namespace: TelemetryPipeline.Exporters.Nop -> Exporters/Nop; a shared README may be one up.
    private static string ReadmeOf(ComponentFactory factory)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "TelemetryPipeline.sln")))
        {
            root = root.Parent;
        }

        Assert.NotNull(root);
        var folders = factory.GetType().Namespace!.Split('.').Skip(1).ToArray();
        var own = Path.Combine([root.FullName, .. folders, "README.md"]);
        return File.Exists(own) || folders.Length < 3 ? own : Path.Combine([root.FullName, .. folders[..^1], "README.md"]);
    }

    private sealed class NoExtensions : IExtensionHost
    {
        public T? Find<T>(ComponentId id)
            where T : class => null;
    }
}
