using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using TelemetryPipeline.Extensions.Zpages;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Tests.Extensions.Zpages;

public sealed class ZpagesExtensionTests
{
    private readonly MetricRegistry _metrics = new();
    private readonly CollectorStatus _collector = new();

    [Fact]
    public void Pipelinez_Json_HasComponentsQueuesAndLosses()
    {
        var exporter = new ComponentHealth(ComponentKind.Exporter, new ComponentId("otlp", ""), "", TimeProvider.System);
        exporter.Set(ComponentStatus.RecoverableError, "connection refused");
        _collector.Show([new("traces", [], [], [exporter])], []);
        _metrics.Gauge("otelcol_exporter_queue_size", "", static () => 7, ("exporter", "otlp"), ("data_type", "traces"));
        _metrics.Counter("otelcol_exporter_enqueue_failed_spans", "", ("exporter", "otlp"), ("reason", "queue_full")).Add(3);
        _metrics.Counter("otelcol_exporter_sent_spans", "", ("exporter", "otlp")).Add(100);

        var root = JsonDocument.Parse(Ask("/debug/pipelinez", "json")).RootElement;

        Assert.Equal("connection refused", root.GetProperty("pipelines")[0].GetProperty("message").GetString());
        Assert.Equal("7", root.GetProperty("queues")[0].GetProperty("value").GetString());
        var loss = Assert.Single(root.GetProperty("not_handed_on").EnumerateArray());
        Assert.Equal("exporter=\"otlp\",reason=\"queue_full\"", loss.GetProperty("labels").GetString());
    }

    [Theory]
    [InlineData("servicez")]
    [InlineData("pipelinez")]
    [InlineData("extensionz")]
    [InlineData("featurez")]
    public void EveryPage_AsHtml_Escapes(string page)
    {
        var extension = new ComponentHealth(ComponentKind.Extension, new ComponentId("zpages", ""), "", TimeProvider.System);
        extension.Set(ComponentStatus.PermanentError, "<script>");
        _collector.Show([new("traces", [extension], [], [])], [extension]);

        var html = Ask($"/debug/{page}", "html");

        Assert.Contains($"<h1>{page}</h1>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
    }

    private string Ask(string path, string format)
    {
        var extension = new ZpagesExtension(
            new ComponentContext
            {
                Id = new ComponentId("zpages", ""),
                Signals = [],
                Loggers = NullLoggerFactory.Instance,
                Metrics = _metrics,
                Collector = _collector,
                Extensions = null!,
                ReportStatus = static (_, _) => { },
            },
            new ZpagesConfig(new ListenEndpoint("localhost", 0), AllowedHosts.None));
        var answer = new PageAnswer();
        extension.Answer(new PageRequest(path, new Dictionary<string, string> { ["format"] = format }), answer);
        Assert.Equal(200, answer.StatusCode);
        return Encoding.UTF8.GetString(answer.Body.WrittenSpan);
    }
}
