using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using TelemetryPipeline.Attribution.Rules;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Tests.Attribution.Rules;

public sealed class RuleSourceTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly string _folder = Directory.CreateTempSubdirectory("rules").FullName;
    private readonly FakeTimeProvider _time = new();
    private readonly MetricRegistry _metrics = new();
    private readonly List<string> _changes = [];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Look_ChangedFile_IsInForceWhenItKeptStill()
    {
        using var source = Start("a");
        Write("a.yaml", "b");

        _time.Advance(Interval);
        Assert.Equal("a", source.Current.Rules[0].Id);
        _time.Advance(Interval);

        Assert.Equal("b", source.Current.Rules[0].Id);
        Assert.Equal(["b"], _changes);
        Assert.Equal(1, Reloads("success"));
    }

    [Fact]
    public void Look_FaultyFile_KeepsTheFormerRulesAndSaysWhy()
    {
        using var source = Start("a");
        var before = source.Current;
        File.WriteAllText(Path.Combine(_folder, "a.yaml"), RuleTexts.Rule("{span.statsu: OK}"));

        _time.Advance(Interval * 5);

        Assert.Same(before, source.Current);
        Assert.Contains("a.yaml:2:10: 0::when::span.statsu: unknown field", Assert.Single(source.State.Errors).ToString(), StringComparison.Ordinal);
        Assert.NotNull(source.State.FailedAt);
        Assert.Equal((0, 1), (Reloads("success"), Reloads("failure")));
        Assert.Empty(_changes);

        Write("a.yaml", "a");
        _time.Advance(Interval * 2);

        Assert.Same(before, source.Current);
        Assert.Empty(source.State.Errors);
        Assert.Null(source.State.FailedAt);
    }

    [Fact]
    public void Look_FileThatAppearsUnderThePattern_IsTaken()
    {
        using var source = Start("a");
        Write("b.yaml", "b");

        _time.Advance(Interval * 2);

        Assert.Equal(2, source.Current.Rules.Count);
        Assert.Equal(2, source.State.Files.Count);
    }

    [Fact]
    public void Look_DuplicateIdInASecondFile_KeepsTheFormerRules()
    {
        using var source = Start("a");
        Write("b.yaml", "a");

        _time.Advance(Interval * 2);

        Assert.Single(source.Current.Rules);
        Assert.Contains("the rule \"a\" is there twice", source.State.Errors[0].Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Look_ThousandChanges_EachIsTakenOnce()
    {
        using var source = Start("r0");
        for (var i = 1; i <= 1000; i++)
        {
            Write("a.yaml", $"r{i}");
            _time.Advance(Interval * 2);
            Assert.Equal($"r{i}", source.Current.Rules[0].Id);
        }

        Assert.Equal(1000, _changes.Count);
    }

    [Fact]
    public void Start_FaultyFile_IsRefused()
    {
        File.WriteAllText(Path.Combine(_folder, "a.yaml"), "- id: x");
        using var source = Source();

        var problem = Assert.Throws<ComponentStartException>(source.Start);

        Assert.Contains("a.yaml:1:3: 0::when: must be set", problem.Message, StringComparison.Ordinal);
    }

    private RuleSource Start(string id)
    {
        Write("a.yaml", id);
        var source = Source();
        source.Start();
        return source;
    }

    private RuleSource Source() => new([Path.Combine(_folder, "*.yaml")], Interval, Context()) { Changed = rules => _changes.Add(rules.Rules[0].Id) };

    private void Write(string name, string id) => File.WriteAllText(Path.Combine(_folder, name), RuleTexts.Rule("{span.code: A}", id: id));

    private long Reloads(string outcome) => _metrics.Counter(
        "otelcol_connector_anomaly_attribution_rule_reloads", "", ("connector", "anomaly_attribution"), ("outcome", outcome)).Value;

    private ComponentContext Context()
    {
        Assert.True(ComponentId.TryParse("anomaly_attribution", out var id, out _));
        return new ComponentContext
        {
            Id = id,
            Signals = [Signal.Traces],
            Loggers = NullLoggerFactory.Instance,
            Metrics = _metrics,
            Time = _time,
            Extensions = new NoExtensions(),
            ReportStatus = static (_, _) => { },
        };
    }

    private sealed class NoExtensions : IExtensionHost
    {
        public T? Find<T>(ComponentId id)
            where T : class => null;
    }
}
