using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using OpenTelemetry.Proto.Metrics.V1;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Processors.Filter;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Processors.Filter;

public sealed class FilterProcessorTests
{
    private readonly FilterFactory _factory = new();

    [Fact]
    public async Task Consume_Spans_DropsMatchingOnesAndEmptyEnvelopes()
    {
        var request = new TransferTraces().Request(3);
        var name = request.ResourceSpans[0].ScopeSpans[0].Spans[0].Name;
        var expected = request.Clone();
        foreach (var resource in expected.ResourceSpans)
        {
            foreach (var scope in resource.ScopeSpans)
            {
                foreach (var span in new List<OpenTelemetry.Proto.Trace.V1.Span>(scope.Spans))
                {
                    _ = span.Name == name && scope.Spans.Remove(span);
                }
            }

            Remove(resource.ScopeSpans, s => s.Spans.Count == 0);
        }

        Remove(expected.ResourceSpans, r => r.ScopeSpans.Count == 0);
        using var batch = OtlpPayloads.Batch(request);
        var before = batch.ItemCount;
        var harness = new ProcessorHarness();
        using var next = await RunAsync(harness, batch, Nodes.Map(("traces", Nodes.Map(("span", Nodes.List($"name == \"{name}\""))))));

        Assert.Equal(expected, OtlpPayloads.Traces(next.Batches[0]));
        Assert.Equal(before - next.Items, harness.Metric("otelcol_processor_filter_spans_filtered", "reason=\"condition\""));
    }

    [Fact]
    public async Task Consume_EverythingDropped_EndsHere()
    {
        using var batch = OtlpPayloads.Batch(new TransferTraces().Request(1));
        using var next = await RunAsync(
            new ProcessorHarness(), batch, Nodes.Map(("traces", Nodes.Map(("span", Nodes.List("name != \"\""))))));
        Assert.Empty(next.Batches);
    }

    [Fact]
    public async Task Consume_Metrics_DropsMetricsAndDataPoints()
    {
        using var batch = OtlpPayloads.Batch(new ExportMetricsServiceRequest
        {
            ResourceMetrics =
            {
                new ResourceMetrics
                {
                    ScopeMetrics = { new ScopeMetrics { Metrics = { Gauge("noise", "a"), Gauge("load", "a", "b") } } },
                },
            },
        });
        var harness = new ProcessorHarness(Signal.Metrics);
        using var next = await RunAsync(harness, batch, Nodes.Map(("metrics", Nodes.Map(
            ("metric", Nodes.List("name == \"noise\" and type == METRIC_DATA_TYPE_GAUGE")),
            ("datapoint", Nodes.List("metric.name == \"load\" and attributes[\"host\"] == \"b\""))))));

        var metric = Assert.Single(OtlpPayloads.Metrics(next.Batches[0]).ResourceMetrics[0].ScopeMetrics[0].Metrics);
        Assert.Equal(Gauge("load", "a"), metric);
        Assert.Equal(2, harness.Metric("otelcol_processor_filter_datapoints_filtered"));
    }

    [Fact]
    public async Task Consume_Logs_DropsBySeverityAndBody()
    {
        using var batch = OtlpPayloads.Batch(new ExportLogsServiceRequest
        {
            ResourceLogs =
            {
                new ResourceLogs
                {
                    ScopeLogs = { new ScopeLogs { LogRecords = { Log(9, "a"), Log(17, "b"), Log(17, "ping 3") } } },
                },
            },
        });
        var harness = new ProcessorHarness(Signal.Logs);
        using var next = await RunAsync(harness, batch, Nodes.Map(("logs", Nodes.Map(("log_record", Nodes.List(
            "severity_number < SEVERITY_NUMBER_WARN", "IsMatch(body, \"^ping\")"))))));
        Assert.Equal("b", Assert.Single(OtlpPayloads.Logs(next.Batches[0]).ResourceLogs[0].ScopeLogs[0].LogRecords).Body.StringValue);
        Assert.Equal(2, harness.Metric("otelcol_processor_filter_logs_filtered"));
    }

    [Theory]
    [InlineData("traces", "spanevent", "processors::filter::traces::spanevent: not supported by this build: only whole spans can be dropped")]
    [InlineData("metrics", "include", "processors::filter::metrics::include: not supported by this build: write it as OTTL")]
    [InlineData("logs", "log_recrd", "processors::filter::logs: unknown key \"log_recrd\"; did you mean \"log_record\"?")]
    public void ReadConfig_UnsupportedKey_IsRefusedByName(string section, string key, string problem)
    {
        var (_, errors) = ProcessorHarness.Read(_factory, Nodes.Map((section, Nodes.Map((key, Nodes.List("true"))))));
        Assert.StartsWith($"test.yaml:1:1: {problem}", Assert.Single(errors).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void ReadConfig_BadCondition_NamesItAndThePosition()
    {
        var (_, errors) = ProcessorHarness.Read(
            _factory, Nodes.Map(("traces", Nodes.Map(("span", Nodes.List("name = 1"))))));
        Assert.Equal(
            "test.yaml:1:1: processors::filter::traces::span: condition \"name = 1\": position 6: unexpected character '='",
            Assert.Single(errors).ToString());
    }

    private static void Remove<T>(Google.Protobuf.Collections.RepeatedField<T> list, Predicate<T> which)
    {
        foreach (var item in new List<T>(list))
        {
            _ = which(item) && list.Remove(item);
        }
    }

    private static Metric Gauge(string name, params string[] hosts)
    {
        var gauge = new Gauge();
        foreach (var host in hosts)
        {
            gauge.DataPoints.Add(new NumberDataPoint
            {
                AsInt = 1,
                Attributes = { new KeyValue { Key = "host", Value = new AnyValue { StringValue = host } } },
            });
        }

        return new Metric { Name = name, Gauge = gauge };
    }

    private static LogRecord Log(int severity, string body) => new()
    {
        SeverityNumber = (SeverityNumber)severity,
        Body = new AnyValue { StringValue = body },
    };

    private async Task<RecordingConsumer> RunAsync(ProcessorHarness harness, OtlpBatch batch, ConfigNode settings)
    {
        var next = new RecordingConsumer();
        var config = ProcessorHarness.Config<FilterConfig>(_factory, settings);
        var processor = _factory.Create(harness.Context("filter"), config, next);
        Assert.True((await processor.ConsumeAsync(batch, TestContext.Current.CancellationToken)).IsAccepted);
        return next;
    }
}
