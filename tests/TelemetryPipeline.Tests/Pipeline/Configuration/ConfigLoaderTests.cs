using System.Linq;
using Microsoft.Extensions.Logging;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using static TelemetryPipeline.Tests.Pipeline.Configuration.FakeComponents;

namespace TelemetryPipeline.Tests.Pipeline.Configuration;

public sealed class ConfigLoaderTests
{
    private static readonly Dictionary<string, string> Variables = new()
    {
        ["PASSWORD"] = "0123",
        ["LOOP"] = "${env:LOOP}",
        ["RETRIES"] = "many",
        ["EMPTY"] = "",
    };

    public static TheoryData<string> BadFiles()
    {
        var files = new TheoryData<string>();
        foreach (var file in Directory.GetFiles(ConfigTestData.Folder("bad"), "*.yaml").Order())
        {
            files.Add(Path.GetFileName(file));
        }

        return files;
    }

    [Theory]
    [MemberData(nameof(BadFiles))]
    public void Load_BadFile_ReportsEveryProblemWhereItStands(string file)
    {
        var path = Path.Combine(ConfigTestData.Folder("bad"), file);
        var result = Load([path]);
        Assert.Null(result.Config);
        var messages = string.Concat(result.Errors.Select(static error => error + "\n"));
        ConfigTestData.AssertGolden(Path.ChangeExtension(path, ".errors.txt"), ConfigTestData.WithoutRoot(messages));
    }

    [Fact]
    public void Load_FullFile_GivesEveryPartTyped()
    {
        var path = Path.Combine(ConfigTestData.Folder("good"), "full.yaml");
        var result = Load([path]);
        Assert.Empty(result.Errors);
        Assert.Equal([Path.GetFullPath(path)], result.Files);
        var config = result.Config!;
        var receiver = config.Receivers[new ComponentId("settings", "second-are:no_problem")];
        var received = FakeComponents.SettingsOf(receiver);
        Assert.Equal("localhost:4317", received.Endpoint);
        Assert.Equal(3, received.Retries);
        Assert.Equal(TimeSpan.FromSeconds(90), received.Timeout);
        Assert.Equal([new("region", "cn-east"), new("tier 1", "yes")], received.Labels);
        Assert.Equal(3, receiver.Position.Line);

        var sent = FakeComponents.SettingsOf(config.Exporters[new ComponentId("settings", "")]);
        Assert.Equal("0123", sent.Password!.Reveal());
        Assert.Equal([new("authorization", "Bearer 0123"), new("x-tenant", "0042")], sent.Headers);

        var service = config.Service;
        Assert.Equal(FanOutMode.Isolate, service.FanOut);
        Assert.Equal(TimeSpan.FromSeconds(5), service.ShutdownTimeout);
        Assert.Equal([new ComponentId("store", "")], service.Extensions);
        Assert.Equal(["traces/in", "traces/out", "metrics"], service.Pipelines.Select(static pipeline => pipeline.Id.ToString()));
        Assert.Equal([new ComponentId("nop", ""), new ComponentId("nop", "second")], service.Pipelines[0].Processors);
        Assert.Equal(Signal.Metrics, service.Pipelines[2].Id.Signal);

        var telemetry = service.Telemetry;
        Assert.Equal(MetricsLevel.Detailed, telemetry.MetricsLevel);
        Assert.Equal([new PrometheusEndpoint("0.0.0.0", 9999)], telemetry.PrometheusEndpoints);
        Assert.Equal(LogLevel.Warning, telemetry.LogLevel);
        Assert.True(telemetry.LogAsJson);
        Assert.Equal([LogOutput.Stdout], telemetry.LogOutputs);
        Assert.Equal(new LogSampling(2, 50, TimeSpan.FromSeconds(1)), telemetry.LogSampling);
        Assert.Equal([new("site", "shanghai")], telemetry.LogFields);
        Assert.Equal([new("deployment.environment", "production"), new("service.version", null)], telemetry.Resource);
    }

    [Fact]
    public void Load_MinimalFile_HasTheCollectorsDefaults()
    {
        var result = Load([Path.Combine(ConfigTestData.Folder("good"), "minimal.yaml")]);
        Assert.Empty(result.Errors);
        Assert.Empty(result.Warnings);
        var service = result.Config!.Service;
        Assert.Equal(FanOutMode.AtLeastOnce, service.FanOut);
        Assert.Equal(TimeSpan.FromSeconds(30), service.ShutdownTimeout);
        Assert.Equal(MetricsLevel.Normal, service.Telemetry.MetricsLevel);
        Assert.Equal([new PrometheusEndpoint("localhost", 8888)], service.Telemetry.PrometheusEndpoints);
        Assert.Equal(LogLevel.Information, service.Telemetry.LogLevel);
        Assert.Equal(new LogSampling(10, 100, TimeSpan.FromSeconds(10)), service.Telemetry.LogSampling);
    }

    [Fact]
    public void Load_SeveralSources_LaterOnesWinAndSetIsLast()
    {
        var result = Load(
            [
                Path.Combine(ConfigTestData.Folder("good"), "minimal.yaml"),
                "yaml:exporters::settings: {endpoint: first, retries: 2}",
                "env:OVERRIDE",
            ],
            ["exporters.settings.endpoint=third", "service.pipelines.traces.exporters=[settings]"],
            new() { ["OVERRIDE"] = "exporters: {settings: {endpoint: second}}" });
        Assert.Empty(result.Errors);
        var settings = FakeComponents.SettingsOf(result.Config!.Exporters[new ComponentId("settings", "")]);
        Assert.Equal("third", settings.Endpoint);
        Assert.Equal(2, settings.Retries);
        Assert.Equal([new ComponentId("settings", "")], result.Config.Service.Pipelines[0].Exporters);
    }

    [Fact]
    public void Load_NullInALaterSource_WipesTheEarlierMap()
    {
        var minimal = Path.Combine(ConfigTestData.Folder("good"), "minimal.yaml");
        var result = Load([minimal, "yaml:exporters:"]);
        Assert.Contains(result.Errors, static error => error.Problem == "no exporter configuration specified in config");
    }

    [Theory]
    [InlineData(new string[0], new string[0], "--config:1:1: at least one config flag must be provided")]
    [InlineData(new[] { "yaml:{}" }, new[] { "a.b.c" }, "--set:1:1: missing equal sign, got \"a.b.c\"")]
    [InlineData(new[] { "yaml:{}" }, new[] { "=1" }, "--set:1:1: missing key before the equal sign, got \"=1\"")]
    [InlineData(new[] { "yaml:{}" }, new[] { "a=[1" }, null)]
    [InlineData(new[] { "https://config/x" }, new string[0],
        "--config:1:1: cannot retrieve the configuration: the scheme \"https\" is not supported by this build: fetch the configuration to a file first")]
    [InlineData(new[] { "s3:bucket" }, new string[0],
        "--config:1:1: cannot retrieve the configuration: scheme \"s3\" is not supported for uri \"s3:bucket\"; known are env, file, yaml")]
    [InlineData(new[] { "no/such.yaml" }, new string[0],
        "--config:1:1: cannot retrieve the configuration: the file no/such.yaml does not exist")]
    [InlineData(new[] { "" }, new string[0], "--config:1:1: cannot retrieve the configuration: the path of a file must not be empty, got \"\"")]
    [InlineData(new[] { "env:1X" }, new string[0],
        "--config:1:1: cannot retrieve the configuration: environment variable \"1X\" has invalid name: must match regex ^[a-zA-Z_][a-zA-Z0-9_]*$")]
    [InlineData(new[] { "yaml:text" }, new string[0], "--config:1:1: must be a map, got \"text\"")]
    public void Load_BadSource_SaysWhich(string[] configs, string[] sets, string? message)
    {
        var result = Load(configs, sets);
        Assert.Null(result.Config);
        var error = Assert.Single(result.Errors);
        Assert.Equal(message ?? error.ToString(), error.ToString());
    }

    [Fact]
    public void Load_DeprecatedNamesAndRepeats_Warn()
    {
        var result = Load(
        [
            """
            yaml:{receivers: {nop: }, exporters: {settings_old: {endpoint: "${env:UNSET}", mode: "${env:EMPTY}"}},
            service: {telemetry: {metrics: {address: ":8899"}, traces: {level: none}},
            pipelines: {traces: {receivers: [nop, nop], exporters: [settings_old]}}}}
            """,
        ]);
        Assert.Equal(
            ["--config:1:56: exporters::settings_old::mode: must be one of fast, slow, got \"\""],
            result.Errors.Select(static error => error.ToString()[..0] + "--config:1:56: " + error.Path + ": " + error.Problem));
        Assert.Equal(
            [
                "exporters::settings_old: \"settings_old\" is a deprecated name of the exporter \"settings\"; use the latter",
                "exporters::settings_old::endpoint: the environment variable UNSET is not set; null is used",
                "exporters::settings_old::mode: the environment variable EMPTY is set but empty",
                "service::telemetry::metrics::address: deprecated (the Collector ignores it); use readers with a pull reader",
                "service::pipelines::traces: references receiver \"nop\" multiple times; once is enough",
            ],
            result.Warnings.Select(static warning => $"{warning.Path}: {warning.Problem}"));
    }

    [Fact]
    public void Load_FileThatIncludesOthers_ReportsAllOfThemForWatching()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var included = Path.Combine(folder.FullName, "exporters.yaml");
            var token = Path.Combine(folder.FullName, "token");
            File.WriteAllText(included, "settings:\n  endpoint: x:1\n  password: ${file:" + token + "}\n");
            File.WriteAllText(token, "0x1F\n");
            var minimal = Path.Combine(ConfigTestData.Folder("good"), "minimal.yaml");
            var result = Load([minimal, $"yaml:{{exporters: '${{file:{included}}}', service::pipelines::traces::exporters: [settings]}}"]);
            Assert.Empty(result.Errors);
            Assert.Equal([minimal, included, token], result.Files);
            var entry = result.Config!.Exporters[new ComponentId("settings", "")];
            Assert.Equal("0x1F", FakeComponents.SettingsOf(entry).Password!.Reveal());
            Assert.Equal(new SourcePosition(included, 1, 1), entry.Position);

            File.WriteAllText(included, "settings: [\n");
            var broken = Load([minimal, $"yaml:exporters: ${{file:{included}}}"]);
            var error = Assert.Single(broken.Errors, error => error.Position.Source == included);
            Assert.Equal("exporters", error.Path);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Load_AgainWithOtherComments_GivesTheSameNodes()
    {
        const string Text = "yaml:{receivers: {nop: }, exporters: {settings: {endpoint: a, labels: {x: y}}}, service: {pipelines: {traces: {receivers: [nop], exporters: [settings]}}}}";
        var id = new ComponentId("settings", "");
        var first = Load([Text]).Config!.Exporters[id].Node;
        Assert.True(first.SameAs(Load([Text.Replace("endpoint: a, labels: {x: y}", "labels: {x: y},   endpoint: \"a\"", StringComparison.Ordinal)]).Config!.Exporters[id].Node));
        Assert.False(first.SameAs(Load([Text.Replace("x: y", "x: z", StringComparison.Ordinal)]).Config!.Exporters[id].Node));
    }

    private static ConfigLoadResult Load(string[] configs, string[]? sets = null, Dictionary<string, string>? variables = null) =>
        new ConfigLoader(Registry, name => (variables ?? Variables).GetValueOrDefault(name))
            .Load(new ConfigSources { Configs = configs, Sets = sets ?? [] });
}
