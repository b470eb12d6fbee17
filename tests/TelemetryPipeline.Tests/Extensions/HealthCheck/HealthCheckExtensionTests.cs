using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using TelemetryPipeline.Extensions.HealthCheck;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Tests.Extensions.HealthCheck;

public sealed class HealthCheckExtensionTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly CollectorStatus _collector;
    private readonly ComponentHealth _receiver;
    private readonly ComponentHealth _exporter;

    public HealthCheckExtensionTests()
    {
        _collector = new CollectorStatus { StartedAt = _time.GetUtcNow(), IsRunning = true };
        _receiver = new(ComponentKind.Receiver, new ComponentId("otlp", ""), "", _time);
        _exporter = new(ComponentKind.Exporter, new ComponentId("otlp_grpc", ""), "", _time);
        var other = new ComponentHealth(ComponentKind.Exporter, new ComponentId("nop", ""), "", _time);
        _receiver.Set(ComponentStatus.OK, "");
        _exporter.Set(ComponentStatus.OK, "");
        other.Set(ComponentStatus.OK, "");
        _collector.Show(
            [new("traces", [_receiver], [], [_exporter]), new("logs", [_receiver], [], [other])], []);
    }

    [Theory]
    [InlineData(ComponentStatus.Starting, 503)]
    [InlineData(ComponentStatus.OK, 200)]
    [InlineData(ComponentStatus.RecoverableError, 200)]
    [InlineData(ComponentStatus.PermanentError, 503)]
    [InlineData(ComponentStatus.FatalError, 503)]
    [InlineData(ComponentStatus.Stopping, 503)]
    public void PlainPage_Always_FollowsTheGravestStatus(ComponentStatus status, int code)
    {
        _exporter.Set(status, "why");

        Assert.Equal(code, Ask(new HealthCheckConfig(), "/").StatusCode);
    }

    [Theory]
    [InlineData(ComponentStatus.Starting, 503)]
    [InlineData(ComponentStatus.OK, 200)]
    [InlineData(ComponentStatus.RecoverableError, 200)]
    [InlineData(ComponentStatus.PermanentError, 200)]
    [InlineData(ComponentStatus.FatalError, 500)]
    [InlineData(ComponentStatus.Stopped, 503)]
    public void StatusPage_Defaults_HasTheCollectorsCodes(ComponentStatus status, int code)
    {
        _exporter.Set(status, "why");

        Assert.Equal(code, Ask(Status, "/status").StatusCode);
    }

    [Fact]
    public void StatusPage_RecoverableErrorLasts_Is500AfterRecoveryDuration()
    {
        var config = Status with { IncludeRecoverableErrors = true, RecoveryDuration = TimeSpan.FromMinutes(1) };
        _exporter.Set(ComponentStatus.RecoverableError, "refused");
        var before = Ask(config, "/status").StatusCode;
        _time.Advance(TimeSpan.FromSeconds(59));
        _exporter.Set(ComponentStatus.RecoverableError, "another message does not begin anew");
        var still = Ask(config, "/status").StatusCode;
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal((200, 200, 500), (before, still, Ask(config, "/status").StatusCode));
    }

    [Fact]
    public void StatusPage_OnePipeline_DoesNotSeeTheOther()
    {
        var config = Status with { IncludePermanentErrors = true };
        _exporter.Set(ComponentStatus.PermanentError, "unauthorized");

        Assert.Equal(500, Ask(config, "/status", ("pipeline", "traces")).StatusCode);
        Assert.Equal(200, Ask(config, "/status", ("pipeline", "logs")).StatusCode);
        Assert.Equal(404, Ask(config, "/status", ("pipeline", "metrics")).StatusCode);
    }

    [Fact]
    public void StatusPage_Verbose_ListsComponents()
    {
        _exporter.Set(ComponentStatus.RecoverableError, "refused");

        var answer = Ask(Status, "/status", ("verbose", ""));

        var root = JsonDocument.Parse(Encoding.UTF8.GetString(answer.Body.WrittenSpan)).RootElement;
        Assert.Equal("StatusRecoverableError", root.GetProperty("status").GetString());
        var pipeline = root.GetProperty("components").GetProperty("pipeline:traces");
        var exporter = pipeline.GetProperty("components").GetProperty("exporter:otlp_grpc");
        Assert.Equal("refused", exporter.GetProperty("error").GetString());
        Assert.True(exporter.GetProperty("healthy").GetBoolean());
    }

    [Fact]
    public void PlainPage_ConfiguredBodies_AreSent()
    {
        var config = new HealthCheckConfig { HealthyBody = "up", UnhealthyBody = "down" };
        var up = Encoding.UTF8.GetString(Ask(config, "/").Body.WrittenSpan);
        _collector.IsRunning = false;

        Assert.Equal(("up", "down"), (up, Encoding.UTF8.GetString(Ask(config, "/").Body.WrittenSpan)));
    }

    [Fact]
    public async Task Listener_PortZero_AnswersOverHttp()
    {
        var extension = Extension(new HealthCheckConfig { Endpoint = new ListenEndpoint("localhost", 0) });
        await extension.StartAsync(CancellationToken.None);
        using var client = new HttpClient();

        using var answer = await client.GetAsync(new Uri($"http://{extension.Address}/"), TestContext.Current.CancellationToken);
        using var refused = await client.PostAsync(new Uri($"http://{extension.Address}/"), null, TestContext.Current.CancellationToken);
        await extension.StopAsync(CancellationToken.None);

        Assert.Equal((200, 405), ((int)answer.StatusCode, (int)refused.StatusCode));
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.ToString());
    }

    [Fact]
    public async Task StartAsync_AddressInUse_SaysSo()
    {
        var first = Extension(new HealthCheckConfig { Endpoint = new ListenEndpoint("localhost", 0) });
        await first.StartAsync(CancellationToken.None);
        var second = Extension(new HealthCheckConfig { Endpoint = new ListenEndpoint("localhost", first.Address!.Port) });

        var e = await Assert.ThrowsAsync<ComponentStartException>(() => second.StartAsync(CancellationToken.None));

        Assert.StartsWith($"cannot listen on localhost:{first.Address.Port}: ", e.Message, StringComparison.Ordinal);
        await first.StopAsync(CancellationToken.None);

        // The graph starts it again once the address is free.
        await second.StartAsync(CancellationToken.None);
        await second.StopAsync(CancellationToken.None);
    }

    private static HealthCheckConfig Status => new() { UseV2 = true, Path = "/status" };

    private PageAnswer Ask(HealthCheckConfig config, string path, params (string Name, string Value)[] query)
    {
        var answer = new PageAnswer();
        var values = new Dictionary<string, string>();
        foreach (var (name, value) in query)
        {
            values[name] = value;
        }

        Extension(config).Answer(new PageRequest(path, values), answer);
        return answer;
    }

    private HealthCheckExtension Extension(HealthCheckConfig config) => new(
        new ComponentContext
        {
            Id = new ComponentId("health_check", ""),
            Signals = [],
            Loggers = NullLoggerFactory.Instance,
            Metrics = new MetricRegistry(),
            Time = _time,
            Collector = _collector,
            Extensions = null!,
            ReportStatus = static (_, _) => { },
        },
        config);
}
