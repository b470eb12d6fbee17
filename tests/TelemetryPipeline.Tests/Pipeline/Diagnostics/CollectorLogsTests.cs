using System.Linq;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Tests.Pipeline.Diagnostics;

public sealed partial class CollectorLogsTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 7, 30, 1, 5, TimeSpan.Zero));
    private readonly MemoryStream _output = new();
    private readonly CollectorLogs _logs;

    public CollectorLogsTests() => _logs = new CollectorLogs(_time, _ => _output);

    public void Dispose()
    {
        _logs.Dispose();
        _output.Dispose();
    }

    private string Text => Encoding.UTF8.GetString(_output.ToArray());

    [Fact]
    public void Log_Console_IsTabSeparatedWithFields()
    {
        Refused(ComponentLogger(), "queue full", 3);

        Assert.Equal(
            "2026-11-23T07:30:01.005Z\twarn\totlp/2\tRefused 3 items: queue full.\t"
            + "{\"otelcol.component.id\":\"otlp/2\",\"otelcol.component.kind\":\"exporter\",\"Count\":3,\"Why\":\"queue full\"}\n",
            Text.Replace("\"Why\":\"queue full\",\"Count\":3", "\"Count\":3,\"Why\":\"queue full\"", StringComparison.Ordinal));
    }

    [Fact]
    public void Log_Json_IsAnObjectALine()
    {
        _logs.Apply(new TelemetryConfig { LogAsJson = true, LogFields = [new("site", "east")] });

        Refused(ComponentLogger(), "a \"b\"", 1);

        var line = System.Text.Json.JsonDocument.Parse(Text).RootElement;
        Assert.Equal("warn", line.GetProperty("level").GetString());
        Assert.Equal("Refused 1 items: a \"b\".", line.GetProperty("msg").GetString());
        Assert.Equal("east", line.GetProperty("site").GetString());
    }

    [Fact]
    public void Log_BreakInMessage_StaysOneLine()
    {
        Refused(ComponentLogger(), "x\ninfo\tforged", 1);

        Assert.Single(Text.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Log_BelowLevel_IsNotWritten()
    {
        _logs.Apply(new TelemetryConfig { LogLevel = LogLevel.Error });

        Refused(ComponentLogger(), "x", 1);

        Assert.Empty(Text);
    }

    [Fact]
    public void Log_Repeated_WritesFirstOnesThenEveryNthUntilTheTickEnds()
    {
        _logs.Apply(new TelemetryConfig { LogSampling = new LogSampling(2, 3, TimeSpan.FromSeconds(10)) });
        var logger = ComponentLogger();

        for (var i = 1; i <= 9; i++)
        {
            Refused(logger, "x", i);
        }

        _time.Advance(TimeSpan.FromSeconds(10));
        Refused(logger, "x", 10);

        var counts = Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static l => l.Split("Refused ")[1][..2].Trim());
        Assert.Equal(["1", "2", "5", "8", "10"], counts);
    }

    [Fact]
    public void Log_FrameworkInformation_IsNotWritten()
    {
        Started(_logs.CreateLogger("Microsoft.AspNetCore.Server.Kestrel"));

        Assert.Empty(Text);
    }

    [LoggerMessage(LogLevel.Warning, "Refused {Count} items: {Why}.")]
    private static partial void Refused(ILogger logger, string why, int count);

    [LoggerMessage(LogLevel.Information, "Started.")]
    private static partial void Started(ILogger logger);

    private ILogger ComponentLogger() =>
        _logs.Of(ComponentKind.Exporter, new ComponentId("otlp", "2"), "").CreateLogger("Any.Type");
}
