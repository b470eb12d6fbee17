using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Linq;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using TelemetryPipeline.TestSupport.Processes;

namespace TelemetryPipeline.IntegrationTests;

/// <summary>The official SDK for .NET, unchanged, delivers all three signals with their values.</summary>
public sealed class DotNetSdkTests
{
    private static readonly ResourceBuilder TransferService = ResourceBuilder.CreateEmpty().AddService("transfer-service");

    [Theory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public async Task Traces_FromSdk_ArriveWithTheirValues(OtlpExportProtocol protocol)
    {
        await using var collector = await CollectorProcess.StartAsync(TestConfigs.ToFile());
        ActivityContext root, inner;
        using (var source = new ActivitySource("transfers-" + protocol))
        using (var provider = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(TransferService)
            .AddSource(source.Name)
            .AddOtlpExporter(o => Direct(o, collector, protocol, "v1/traces"))
            .Build())
        {
            (root, inner) = EmitTransfer(source);
            Assert.True(provider.ForceFlush());
        }

        Assert.Equal(0, await collector.StopAsync());
        var spans = ReceivedTelemetry.Read(collector.PathOf(TestConfigs.OutputFile)).Spans;
        Assert.Equal(2, spans.Count);
        Assert.All(spans, s => Assert.Equal("transfer-service", s.Service));
        Assert.All(spans, s => Assert.Equal(root.TraceId.ToHexString(), s["traceId"]));
        var first = Assert.Single(spans, s => s["name"] == "transfer");
        Assert.Equal(root.SpanId.ToHexString(), first["spanId"]);
        Assert.Equal("3", first["kind"]); // SPAN_KIND_CLIENT
        Assert.Equal(12_345_678, first.Integer("amount"));
        Assert.Equal("TRD20240521000004567", first.Text("biz.order_no"));
        var second = Assert.Single(spans, s => s["name"] == "deduct");
        Assert.Equal(inner.SpanId.ToHexString(), second["spanId"]);
        Assert.Equal(root.SpanId.ToHexString(), second["parentSpanId"]);
        Assert.Equal("2", second.Json.GetProperty("status").GetProperty("code").ToString());
        Assert.Equal("ERR_INSUFFICIENT_BALANCE", second.Text("code"));
    }

    [Theory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public async Task Metrics_FromSdk_ArriveWithTheirValues(OtlpExportProtocol protocol)
    {
        await using var collector = await CollectorProcess.StartAsync(TestConfigs.ToFile());
        using (var meter = new Meter("transfers-metrics-" + protocol))
        using (var provider = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(TransferService)
            .AddMeter(meter.Name)
            .AddView("latency", new ExplicitBucketHistogramConfiguration { Boundaries = [10, 20] })
            .AddOtlpExporter((o, reader) =>
            {
                Direct(o, collector, protocol, "v1/metrics");
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = 600_000;
                reader.TemporalityPreference = MetricReaderTemporalityPreference.Delta;
            })
            .Build())
        {
            meter.CreateCounter<long>("transfers").Add(42, new KeyValuePair<string, object?>("channel", "nucc"));
            var latency = meter.CreateHistogram<double>("latency", "ms");
            latency.Record(5);
            latency.Record(15);
            latency.Record(25.5);
            Assert.True(provider.ForceFlush());
        }

        Assert.Equal(0, await collector.StopAsync());
        var points = ReceivedTelemetry.Read(collector.PathOf(TestConfigs.OutputFile)).Points;
        var sum = Assert.Single(points, p => p.Metric == "transfers");
        Assert.Equal("42", sum["asInt"]);
        Assert.Equal("nucc", sum.Text("channel"));
        var histogram = Assert.Single(points, p => p.Metric == "latency");
        Assert.Equal("3", histogram["count"]);
        Assert.Equal(45.5, histogram.Json.GetProperty("sum").GetDouble());
        Assert.Equal(["1", "1", "1"], ReceivedTelemetry.List(histogram.Json, "bucketCounts").Select(c => c.ToString()));
        Assert.Equal([10d, 20d], ReceivedTelemetry.List(histogram.Json, "explicitBounds").Select(b => b.GetDouble()));
    }

    [Theory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public async Task Logs_FromSdk_ArriveWithTheirValues(OtlpExportProtocol protocol)
    {
        await using var collector = await CollectorProcess.StartAsync(TestConfigs.ToFile());
        using (var loggers = LoggerFactory.Create(builder => builder.AddOpenTelemetry(o =>
        {
            o.SetResourceBuilder(TransferService);
            o.IncludeFormattedMessage = true;
            o.AddOtlpExporter(e => Direct(e, collector, protocol, "v1/logs"));
        })))
        {
            // A log message template is what the SDK turns into attributes; the analyzer wants a constant one: it is.
            loggers.CreateLogger("ledger").LogWarning("Transfer {OrderNo} has no balance", "TRD1");
        }

        Assert.Equal(0, await collector.StopAsync());
        var record = Assert.Single(ReceivedTelemetry.Read(collector.PathOf(TestConfigs.OutputFile)).Logs);
        Assert.Equal("transfer-service", record.Service);
        Assert.Equal("Transfer TRD1 has no balance", record.Json.GetProperty("body").GetProperty("stringValue").GetString());
        Assert.Equal("13", record["severityNumber"]); // WARN
        Assert.Equal("TRD1", record.Text("OrderNo"));
    }

    private static (ActivityContext Root, ActivityContext Inner) EmitTransfer(ActivitySource source)
    {
        Activity.Current = null;
        using var root = source.StartActivity("transfer", ActivityKind.Client)!;
        root.SetTag("biz.order_no", "TRD20240521000004567");
        root.SetTag("amount", 12_345_678L);
        using var inner = source.StartActivity("deduct", ActivityKind.Server)!;
        inner.SetTag("code", "ERR_INSUFFICIENT_BALANCE");
        inner.SetStatus(ActivityStatusCode.Error, "balance too low");
        return (root.Context, inner.Context);
    }

    private static void Direct(OtlpExporterOptions options, CollectorProcess collector, OtlpExportProtocol protocol, string path)
    {
        options.Protocol = protocol;
        options.Endpoint = protocol == OtlpExportProtocol.Grpc ? collector.GrpcEndpoint : new Uri(collector.HttpEndpoint, path);
    }
}
