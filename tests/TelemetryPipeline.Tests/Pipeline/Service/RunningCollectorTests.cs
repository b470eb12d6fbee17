using System.Linq;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Pipeline.Service;
using TelemetryPipeline.Tests.Pipeline.Graph;

namespace TelemetryPipeline.Tests.Pipeline.Service;

public sealed class RunningCollectorTests : IDisposable
{
    private readonly TestWorld _world = new();
    private readonly CollectorLogs _logs = new(TimeProvider.System, static _ => Stream.Null);
    private readonly List<ComponentHealth> _fatal = [];
    private readonly RunningCollector _collector;

    public RunningCollectorTests() => _collector = new RunningCollector(_logs, TimeProvider.System, _fatal.Add);

    public void Dispose() => _logs.Dispose();

    [Fact]
    public async Task ReloadAsync_BadConfiguration_RunsOnAndCounts()
    {
        await _collector.StartAsync(_world.Config(["traces: recv -> exp"]), CancellationToken.None);
        var error = new ConfigError(new SourcePosition("otel.yaml", 3, 5), "receivers", "unknown key");

        Assert.False(await _collector.ReloadAsync(Loaded(null, error), CancellationToken.None));

        Assert.True((await _world.Receiver().SendAsync()).IsAccepted);
        Assert.Equal(1, Metric("otelcol_config_reload_failures"));
        Assert.Equal(0, Metric("otelcol_config_last_reload_successful"));
        Assert.True(await _collector.ReloadAsync(Loaded(_world.Config(["traces: recv -> exp/2"])), CancellationToken.None));
        Assert.Equal(1, Metric("otelcol_config_last_reload_successful"));
        Assert.True(await _collector.StopAsync());
    }

    [Fact]
    public async Task ReloadAsync_ComponentCannotStart_RunsOnAndCounts()
    {
        await _collector.StartAsync(_world.Config(["traces: recv -> exp"]), CancellationToken.None);
        _world.OnCreate = static (_, component) => component.OnStart = static () => throw new ComponentStartException("no");

        Assert.False(await _collector.ReloadAsync(Loaded(_world.Config(["traces: recv -> exp/2"])), CancellationToken.None));

        Assert.True((await _world.Receiver().SendAsync()).IsAccepted);
        Assert.Equal(1, Metric("otelcol_config_reload_failures"));
        Assert.True(await _collector.StopAsync());
    }

    [Fact]
    public async Task MetricsPage_FollowsConfiguration()
    {
        var config = _world.Config(["traces: recv -> exp"]);
        var served = config with
        {
            Service = config.Service with
            {
                Telemetry = new TelemetryConfig { PrometheusEndpoints = [new PrometheusEndpoint("localhost", 0)] },
            },
        };
        await _collector.StartAsync(served, CancellationToken.None);
        using var client = new HttpClient();

        using var page = await client.GetAsync(new Uri($"http://{_collector.MetricsServers.Single().Address}/metrics"), TestContext.Current.CancellationToken);
        var text = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        await _collector.ReloadAsync(Loaded(config), CancellationToken.None);

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", page.Content.Headers.ContentType?.ToString());
        Assert.Contains("# TYPE otelcol_process_uptime counter\n", text, StringComparison.Ordinal);
        Assert.Empty(_collector.MetricsServers);
        await _collector.StopAsync();
    }

    [Fact]
    public async Task StopAsync_Always_StopsReceiversBeforeExporters()
    {
        await _collector.StartAsync(_world.Config(["traces: recv -> exp"]), CancellationToken.None);
        _world.Journal.Clear();

        Assert.True(await _collector.StopAsync());

        Assert.Equal(["stop recv", "stop exp"], _world.Journal.Entries);
        Assert.False(_collector.Status.IsRunning);
    }

    private static ConfigLoadResult Loaded(CollectorConfig? config, params ConfigError[] errors) => new()
    {
        Config = config,
        Errors = errors,
        Warnings = [],
        Files = [],
        SecretPaths = new HashSet<string>(),
    };

    private double Metric(string name) => _collector.Metrics.Families.Single(f => f.Name == name).Series.Single().Value switch
    {
        Counter counter => counter.Value,
        Gauge gauge => gauge.Read(),
        _ => double.NaN,
    };
}
