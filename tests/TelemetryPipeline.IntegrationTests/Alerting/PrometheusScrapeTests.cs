using System.Globalization;
using System.Linq;
using System.Net.Http.Headers;
using System.Text.Json;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Metrics.V1;
using OpenTelemetry.Proto.Resource.V1;
using TelemetryPipeline.TestSupport.Exposition;
using TelemetryPipeline.TestSupport.Otlp;
using TelemetryPipeline.TestSupport.Processes;

namespace TelemetryPipeline.IntegrationTests.Alerting;

/// <summary>The collector's pages of metrics, its own among them, read by a real Prometheus.</summary>
public sealed class PrometheusScrapeTests
{
    private static readonly string[] Words =
        ["__name__", "le", "quantile", "job", "instance", "h", "h_count", "h_bucket", "x", "x_total", "x.created", "target_info", "", "1", "\u540d", "a b", "\"\\\n\0"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // Scenario: metrics whose names, labels and resources are all that a page could break on, and a heat map beside them.
    // Guarantees: Prometheus takes every page, in both formats; promtool and a strict reader find nothing malformed.
    [Fact]
    public async Task Scrape_NamesAndLabelsOfAnyKind_AreTakenByPrometheus()
    {
        Assert.SkipWhen(MonitoringServers.IsMissing, MonitoringServers.MissingReason);
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}"));
        var ports = FreePorts.Take(4);
        await using var collector = await CollectorProcess.StartAsync(Yaml(ports));
        await PostAsync(collector, "/v1/metrics", Metrics(new Random(seed)));
        await PostAsync(collector, "/v1/traces", TransfersOfNow());

        using var http = new HttpClient();
        await collector.WaitUntilAsync(
            async () => (await http.GetStringAsync(new Uri($"http://127.0.0.1:{ports[0]}/metrics"), Cancel))
                .Contains("latency_heatmap", StringComparison.Ordinal),
            "shows the heat map");
        await using var prometheus = await MonitoringServers.StartPrometheusAsync(ports[3], collector.Folder, $$"""
            global: {scrape_interval: 1s, scrape_timeout: 1s}
            scrape_configs:
              - job_name: collector
                honor_labels: true
                static_configs: [{targets: ["127.0.0.1:{{ports[0]}}", "127.0.0.1:{{ports[1]}}", "127.0.0.1:{{ports[2]}}"]}]
            """);
        JsonElement[] targets = [];
        await collector.WaitUntilAsync(
            async () =>
            {
                using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{ports[3]}/api/v1/targets"), Cancel);
                if (!answer.IsSuccessStatusCode)
                {
                    return false; // not yet
                }

                using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel));
                targets = [.. json.RootElement.Clone().GetProperty("data").GetProperty("activeTargets").EnumerateArray()];
                return targets.Length == 3 && targets.All(static t => t.GetProperty("health").GetString() != "unknown");
            },
            "is scraped");
        Assert.All(targets, static t => Assert.Equal("", t.GetProperty("lastError").GetString()));
        foreach (var port in ports[..3])
        {
            await CheckAsync(http, port, collector.Folder);
        }
    }

    private static async Task CheckAsync(HttpClient http, int port, string folder)
    {
        foreach (var accept in new[] { "text/plain", "application/openmetrics-text" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://127.0.0.1:{port}/metrics"));
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(accept));
            using var answer = await http.SendAsync(request, Cancel);
            var page = await answer.Content.ReadAsStringAsync(Cancel);
            var isOpenMetrics = answer.Content.Headers.ContentType!.MediaType == "application/openmetrics-text";
            Assert.NotEmpty(ExpositionPage.Parse(page, isOpenMetrics).Samples);
            if (!isOpenMetrics)
            {
                var file = Path.Combine(folder, "page.txt");
                await File.WriteAllTextAsync(file, page, Cancel);
                await using var promtool = new ChildProcess("/bin/sh", ["-c", $"{MonitoringServers.Promtool} check metrics < {file}"]);

                // 3: advice about names and descriptions, which are the sender's; 1: malformed.
                Assert.True(await promtool.WaitForExitAsync() is 0 or 3, promtool.Output);
            }
        }
    }

    private static ExportTraceServiceRequest TransfersOfNow()
    {
        var request = new TransferTraces().Request(20);
        var shift = ((ulong)(TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100) - TransferTraces.FirstStartNs;
        foreach (var span in request.ResourceSpans.SelectMany(static r => r.ScopeSpans[0].Spans))
        {
            (span.StartTimeUnixNano, span.EndTimeUnixNano) = (span.StartTimeUnixNano + shift, span.EndTimeUnixNano + shift);
        }

        return request;
    }

    private static ExportMetricsServiceRequest Metrics(Random random)
    {
        var request = new ExportMetricsServiceRequest();
        for (var i = 0; i < 20; i++)
        {
            var metrics = new ScopeMetrics { Scope = new InstrumentationScope { Name = Word(random) } };
            metrics.Metrics.Add(Enumerable.Range(0, 20).Select(_ => Metric(random)));
            request.ResourceMetrics.Add(new ResourceMetrics
            {
                Resource = new Resource { Attributes = { Attributes(random), Pair("service.name", "ledger"), Pair("host.name", Word(random)) } },
                ScopeMetrics = { metrics },
            });
        }

        return request;
    }

    private static Metric Metric(Random random)
    {
        var metric = new Metric { Name = Word(random), Description = Word(random) };
        switch (random.Next(4))
        {
            case 0:
                metric.Gauge = new Gauge { DataPoints = { Number(random) } };
                break;
            case 1:
                metric.Sum = new Sum
                {
                    IsMonotonic = true,
                    AggregationTemporality = AggregationTemporality.Cumulative,
                    DataPoints = { Number(random) },
                };
                break;
            case 2:
                metric.Histogram = new Histogram
                {
                    AggregationTemporality = AggregationTemporality.Delta,
                    DataPoints =
                    {
                        new HistogramDataPoint
                        {
                            TimeUnixNano = 1, Count = 3, Sum = 4, ExplicitBounds = { 1, random.Next(3) }, BucketCounts = { 1, 1, 1 },
                            Attributes = { Attributes(random) },
                        },
                    },
                };
                break;
            default:
                metric.Summary = new Summary { DataPoints = { new SummaryDataPoint { TimeUnixNano = 1, Count = 1, Attributes = { Attributes(random) } } } };
                break;
        }

        return metric;
    }

    private static NumberDataPoint Number(Random random) => new() { TimeUnixNano = 1, AsDouble = 1.5, Attributes = { Attributes(random) } };

    private static IEnumerable<KeyValue> Attributes(Random random) =>
        [.. Enumerable.Range(0, random.Next(4)).Select(_ => Pair(Word(random), Word(random)))];

    private static string Word(Random random) => Words[random.Next(Words.Length)];

    private static KeyValue Pair(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };

    private static async Task PostAsync(CollectorProcess collector, string path, IMessage request)
    {
        using var http = new HttpClient { BaseAddress = collector.HttpEndpoint };
        using var content = new ByteArrayContent(request.ToByteArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        using var response = await http.PostAsync(new Uri(path, UriKind.Relative), content, Cancel);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancel));
    }

    private static string Yaml(int[] ports) => string.Create(CultureInfo.InvariantCulture, $$"""
        connectors:
          latency_heatmap: {query: {enabled: false} }
        exporters:
          prometheus/text:
            endpoint: 127.0.0.1:{{ports[0]}}
            resource_to_telemetry_conversion: {enabled: true}
            const_labels: {le: c, quantile: c, __name__: c, job: c}
          prometheus/open:
            endpoint: 127.0.0.1:{{ports[1]}}
            enable_open_metrics: true
            add_metric_suffixes: false
            resource_to_telemetry_conversion: {enabled: true}
        service:
          telemetry:
            metrics:
              readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: {{ports[2]}}} } } }]
          pipelines:
            traces: {receivers: [otlp], exporters: [latency_heatmap]}
            metrics: {receivers: [otlp, latency_heatmap], exporters: [prometheus/text, prometheus/open]}
        """);
}
