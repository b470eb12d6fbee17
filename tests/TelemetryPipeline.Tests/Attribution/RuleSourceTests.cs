using Microsoft.Extensions.Time.Testing;
using TelemetryPipeline.Attribution;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Tests.Attribution.Rules;

namespace TelemetryPipeline.Tests.Attribution;

public sealed class RuleSourceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rules").FullName;
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void TryReload_ChangedFile_TakesItOnce()
    {
        var source = Start("a");
        Write("a.yaml", "b");

        Assert.True(source.TryReload(out var rules));
        Assert.Equal("b", rules!.Rules[0].Id);
        Assert.False(source.TryReload(out _));
    }

    [Fact]
    public void TryReload_FaultyFile_SaysWhyAndKeepsWhatItSaidOfTheFormer()
    {
        var source = Start("a");
        var hash = source.Status.Hash;
        File.WriteAllText(Path.Combine(_folder, "a.yaml"), RuleTexts.Rule("{span.statsu: OK}"));

        Assert.True(source.TryReload(out var rules));

        Assert.Null(rules);
        Assert.Equal(hash, source.Status.Hash);
        Assert.Contains("a.yaml:2:10: 0::when::span.statsu: unknown field", Assert.Single(source.Status.Errors), StringComparison.Ordinal);
        Write("a.yaml", "a");
        Assert.True(source.TryReload(out rules));
        Assert.NotNull(rules);
        Assert.Empty(source.Status.Errors);
    }

    [Fact]
    public void TryReload_FileThatAppearsUnderThePattern_IsTaken()
    {
        var source = Start("a");
        Write("b.yaml", "b");
        Write("b.test.yaml", "not a rule");

        Assert.True(source.TryReload(out var rules));

        Assert.Equal(2, rules!.Rules.Count);
        Assert.Equal(2, source.Status.Files.Count);
    }

    [Fact]
    public void TryReload_DuplicateIdInASecondFile_IsRefused()
    {
        var source = Start("a");
        Write("b.yaml", "a");

        Assert.True(source.TryReload(out var rules));

        Assert.Null(rules);
        Assert.Contains("the rule \"a\" is there twice", source.Status.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_FaultyFile_IsRefused()
    {
        File.WriteAllText(Path.Combine(_folder, "a.yaml"), "- id: x");

        var problem = Assert.Throws<ComponentStartException>(() => Source().Load());

        Assert.Contains("a.yaml:1:3: 0::when: must be set", problem.Message, StringComparison.Ordinal);
    }

    private RuleSource Start(string id)
    {
        Write("a.yaml", id);
        var source = Source();
        source.Load();
        return source;
    }

    private RuleSource Source() => new([Path.Combine(_folder, "*.yaml")], new AttributeSlots(), _time);

    private void Write(string name, string id) => File.WriteAllText(Path.Combine(_folder, name), RuleTexts.Rule("{span.code: A}", id: id));
}
