using System.Globalization;
using System.Linq;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using OpenTelemetry.Proto.Metrics.V1;
using OpenTelemetry.Proto.Resource.V1;
using TelemetryPipeline.TestSupport.Otlp;
using TelemetryPipeline.TestSupport.Processes;

namespace TelemetryPipeline.IntegrationTests.Elasticsearch;

/// <summary>What was exported can be asked for, with the queries of docs/elasticsearch.md.</summary>
[Collection(SharedNode.Name)]
public sealed class DocumentTests(SharedNode shared)
{
    private const int Transfers = 40;
    private const int Failing = 10;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private SearchClient Client => shared.Node.Client;

    [Fact]
    public async Task Export_EverySignal_CanBeAskedForAsDocumented()
    {
        Assert.SkipUnless(OpenSearchNode.MissingReason is null, OpenSearchNode.MissingReason ?? "");
        var space = $"test{Environment.ProcessId}";
        await using var collector = await CollectorProcess.StartAsync(Yaml());
        var traces = new TransferTraces().Request(Transfers - Failing);
        traces.MergeFrom(new TransferTraces(2).Request(Failing, failing: true));
        foreach (var resource in traces.ResourceSpans)
        {
            resource.Resource.Attributes.Add(Pair("data_stream.namespace", space));
        }

        await PostAsync(collector, "/v1/traces", traces);
        await PostAsync(collector, "/v1/logs", Attributions(space));
        await PostAsync(collector, "/v1/metrics", Frames(space));
        Assert.Equal(0, await collector.StopAsync());

        var spans = $"traces-*.otel-{space}";
        Assert.Equal(Transfers * 17, await Client.CountAsync(spans));
        var failed = traces.ResourceSpans[10].ScopeSpans[0].Spans[^1];
        Assert.Equal(17, await HitsAsync(spans, Query("trace_id", Convert.ToHexStringLower(failed.TraceId.Span))));
        var order = failed.Attributes.Single(static a => a.Key == "biz.order_no").Value.StringValue;
        Assert.Equal(
            traces.ResourceSpans.SelectMany(static r => r.ScopeSpans[0].Spans)
                .Count(s => s.Attributes.Any(a => a.Key == "biz.order_no" && a.Value.StringValue == order)),
            await HitsAsync(spans, Query("attributes.biz.order_no", order)));
        await CheckLatencyAsync(spans, traces);
        await CheckAttributionsAsync($"logs-*.otel-{space}");
        await CheckHeatmapAsync($"metrics-*.otel-{space}");
    }

    [Fact]
    public async Task Export_EveryTenthDocumentDoesNotFit_KeepsItAsADeadLetterAndTheOthersInPlace()
    {
        Assert.SkipUnless(OpenSearchNode.MissingReason is null, OpenSearchNode.MissingReason ?? "");
        var index = $"telemetry-test-{Environment.ProcessId}-strict";
        var dead = $"telemetry-test-{Environment.ProcessId}-dead";
        await Client.AskAsync(
            HttpMethod.Put, $"/{index}",
            """{"mappings":{"properties":{"span_id":{"type":"keyword"},"attributes":{"properties":{"amount":{"type":"long"}}}}}}""");
        var request = new TransferTraces().FromOneService(200);
        for (var i = 0; i < 200; i += 10)
        {
            request.ResourceSpans[0].ScopeSpans[0].Spans[i].Attributes.Single(static a => a.Key == "amount").Value =
                new AnyValue { StringValue = "12.50 CNY" };
        }

        await using var collector = await CollectorProcess.StartAsync(Yaml($"traces_index: {index}", $"dead_letter_index: {dead}"));
        await PostAsync(collector, "/v1/traces", request);
        Assert.Equal(0, await collector.StopAsync());
        Assert.Equal(180, (await Client.ValuesAsync(index, "span_id")).Distinct().Count());
        var letters = (await Client.SearchAsync(dead, """{"size":100}"""))["hits"]!["hits"]!.AsArray();
        Assert.Equal(20, letters.Count);
        Assert.All(letters, static letter =>
        {
            var source = letter!["_source"]!;
            Assert.Equal(400, (int)source["dead_letter"]!["status"]!);
            Assert.Contains("amount", (string)source["dead_letter"]!["reason"]!, StringComparison.Ordinal);
            Assert.Equal("12.50 CNY", (string)JsonNode.Parse((string)source["document"]!)!["attributes"]!["amount"]!);
        });
    }

    [Fact]
    public async Task Export_BothModesOfEverything_AreTakenByTheServer()
    {
        Assert.SkipUnless(OpenSearchNode.MissingReason is null, OpenSearchNode.MissingReason ?? "");
        foreach (var mode in new[] { "otel", "ecs" })
        {
            var space = $"{mode}{Environment.ProcessId}";
            await using var collector = await CollectorProcess.StartAsync(Yaml($"mapping: {{mode: {mode}}}"));
            var span = new SpanBuilder("debit").With("a", "value").With("a.b", "inside").With("a.value", 1L).With("x", 1.0)
                .With("", "empty").With("..", "dots").Build();
            span.Events.Add(new OpenTelemetry.Proto.Trace.V1.Span.Types.Event { Name = "exception", TimeUnixNano = 5 });
            var request = new TransferTraces().FromOneService(3);
            request.ResourceSpans[0].Resource.Attributes.Add(Pair("data_stream.namespace", space));
            request.ResourceSpans[0].ScopeSpans[0].Spans.Add(span);
            await PostAsync(collector, "/v1/traces", request);
            await PostAsync(collector, "/v1/logs", Attributions(space));
            await PostAsync(collector, "/v1/metrics", Frames(space));
            Assert.Equal(0, await collector.StopAsync());
            Assert.Equal(4, await Client.CountAsync($"traces-*-{space}"));
            Assert.Equal(1 + Attributions(space).ResourceLogs[0].ScopeLogs[0].LogRecords.Count, await Client.CountAsync($"logs-*-{space}"));
            Assert.Equal(2, await Client.CountAsync($"metrics-*-{space}"));
            Assert.DoesNotContain("refused", collector.Output, StringComparison.Ordinal);
        }
    }

    private static string Query(string field, string value) =>
        "{\"track_total_hits\":true,\"query\":{\"term\":{\"" + field + "\":\"" + value + "\"}}}";

    private static KeyValue Pair(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };

    private static KeyValue Pair(string key, long value) => new() { Key = key, Value = new AnyValue { IntValue = value } };

    private static Resource Ledger(string space) => new()
    {
        Attributes = { Pair("service.name", "balance-ledger"), Pair("tenant.id", "bank-a"), Pair("data_stream.namespace", space) },
    };

    private static ExportLogsServiceRequest Attributions(string space)
    {
        var scope = new ScopeLogs { Scope = new InstrumentationScope { Name = "telemetrypipeline/anomaly_attribution" } };
        string[] causes = ["ERR_INSUFFICIENT_BALANCE", "ERR_INSUFFICIENT_BALANCE", "ERR_INSUFFICIENT_BALANCE", "ERR_LEDGER_TIMEOUT"];
        var nowNs = (ulong)(TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        for (var i = 0; i < causes.Length; i++)
        {
            scope.LogRecords.Add(new LogRecord
            {
                TimeUnixNano = nowNs,
                ObservedTimeUnixNano = nowNs,
                SeverityNumber = SeverityNumber.Error,
                EventName = "anomaly.attribution",
                Body = new AnyValue { StringValue = $"A transfer failed with {causes[i]} at balance-ledger" },
                TraceId = ByteString.CopyFrom([.. new byte[15], (byte)(i + 1)]),
                SpanId = ByteString.CopyFrom([.. new byte[7], 11]),
                Attributes =
                {
                    Pair("anomaly.event_id", $"{space}{i}"), Pair("anomaly.revision", 1), Pair("anomaly.state", "firing"),
                    Pair("anomaly.rule_id", "failed-transfer"), Pair("anomaly.priority", "P1"), Pair("anomaly.root_cause", causes[i]),
                    Pair("anomaly.path", "mobile-bank-gateway > balance-ledger"), Pair("anomaly.origin.node_type", "balance_ledger"),
                    new KeyValue { Key = "anomaly.chain", Value = Chain(causes[i]) },
                },
            });
        }

        return new ExportLogsServiceRequest { ResourceLogs = { new ResourceLogs { Resource = Ledger(space), ScopeLogs = { scope } } } };
    }

    private static AnyValue Chain(string code)
    {
        var chain = new ArrayValue();
        foreach (var (service, status) in new[] { ("mobile-bank-gateway", "ERROR"), ("balance-ledger", code) })
        {
            chain.Values.Add(new AnyValue
            {
                KvlistValue = new KeyValueList { Values = { Pair("service.name", service), Pair("code", status), Pair("duration_ns", 7) } },
            });
        }

        return new AnyValue { ArrayValue = chain };
    }

    // Two seconds of one node: 99 fast ones and a slow one, and 10 fast ones.
    private static ExportMetricsServiceRequest Frames(string space)
    {
        var histogram = new Histogram { AggregationTemporality = AggregationTemporality.Delta };
        foreach (var (second, fast, slow) in new (ulong, ulong, ulong)[] { (1, 97, 3), (2, 10, 0) })
        {
            var counts = new ulong[60];
            (counts[1], counts[40]) = (fast, slow);
            var point = new HistogramDataPoint
            {
                StartTimeUnixNano = TransferTraces.FirstStartNs + ((second - 1) * 1_000_000_000),
                TimeUnixNano = TransferTraces.FirstStartNs + (second * 1_000_000_000),
                Count = fast + slow,
                Sum = 15.0 * fast,
            };
            point.ExplicitBounds.Add(Enumerable.Range(1, 59).Select(static i => 10.0 * i));
            point.BucketCounts.Add(counts);
            point.Attributes.Add(Pair("node_type", "balance_ledger"));
            histogram.DataPoints.Add(point);
        }

        var metric = new Metric { Name = "latency.heatmap", Unit = "ms", Histogram = histogram };
        return new ExportMetricsServiceRequest
        {
            ResourceMetrics = { new ResourceMetrics { Resource = Ledger(space), ScopeMetrics = { new ScopeMetrics { Metrics = { metric } } } } },
        };
    }

    private static async Task PostAsync(CollectorProcess collector, string path, IMessage request)
    {
        using var http = new HttpClient { BaseAddress = collector.HttpEndpoint };
        using var content = new ByteArrayContent(request.ToByteArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        using var response = await http.PostAsync(new Uri(path, UriKind.Relative), content, Cancel);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancel));
    }

    private async Task<long> HitsAsync(string index, string query) => (long)(await Client.SearchAsync(index, query))["hits"]!["total"]!["value"]!;

    // p99 of each node, from the spans; compared with what was sent.
    private async Task CheckLatencyAsync(string index, OpenTelemetry.Proto.Collector.Trace.V1.ExportTraceServiceRequest sent)
    {
        var answer = await Client.SearchAsync(index, """
            {"size":0,"aggs":{"node":{"terms":{"field":"attributes.node_type","size":50},
              "aggs":{"latency":{"percentiles":{"field":"duration","percents":[99]}}}}}}
            """);
        var nodes = answer["aggregations"]!["node"]!["buckets"]!.AsArray();
        Assert.Equal(TransferNode.All.Select(static n => n.NodeType).Distinct().Count(), nodes.Count);
        foreach (var node in nodes)
        {
            var longest = sent.ResourceSpans.SelectMany(static r => r.ScopeSpans[0].Spans)
                .Where(s => s.Attributes.Any(a => a.Key == "node_type" && a.Value.StringValue == (string)node!["key"]!))
                .Max(static s => s.EndTimeUnixNano - s.StartTimeUnixNano);
            Assert.InRange((double)node!["latency"]!["values"]!["99.0"]!, 0.7 * longest, 1.0 * longest);
        }
    }

    private async Task CheckAttributionsAsync(string index)
    {
        var answer = await Client.SearchAsync(index, """
            {"size":0,"query":{"bool":{"filter":[{"term":{"event_name":"anomaly.attribution"}},{"range":{"@timestamp":{"gte":"now-1h"}}}]}},
             "aggs":{"cause":{"terms":{"field":"attributes.anomaly.root_cause"}}}}
            """);
        Assert.Equal(
            """ERR_INSUFFICIENT_BALANCE 3, ERR_LEDGER_TIMEOUT 1""",
            string.Join(", ", answer["aggregations"]!["cause"]!["buckets"]!.AsArray().Select(
                static b => string.Create(CultureInfo.InvariantCulture, $"{(string)b!["key"]!} {(long)b["doc_count"]!}"))));
        Assert.Equal(1, await HitsAsync(index, Query("attributes.anomaly.chain.code", "ERR_LEDGER_TIMEOUT")));
        Assert.Equal(4, await HitsAsync(index, Query("attributes.anomaly.chain.service.name", "mobile-bank-gateway")));
    }

    private async Task CheckHeatmapAsync(string index)
    {
        var answer = await Client.SearchAsync(index, """{"sort":["@timestamp"]}""");
        var frames = answer["hits"]!["hits"]!.AsArray().Select(static h => h!["_source"]!["metrics"]!["latency.heatmap"]!).ToList();
        Assert.Equal(["[97,3]", "[10]"], frames.Select(static f => f["counts"]!.ToJsonString()));
        if (frames[0]["p99"] is not null)
        {
            var p99 = await Client.SearchAsync(index, """
                {"size":0,"aggs":{"node":{"terms":{"field":"attributes.node_type"},"aggs":{"p99":{"max":{"field":"metrics.latency.heatmap.p99"}}}}}}
                """);
            Assert.Equal(405, (double)p99["aggregations"]!["node"]!["buckets"]![0]!["p99"]!["value"]!);
        }
        else
        {
            var p99 = await Client.SearchAsync(index, """
                {"size":0,"aggs":{"p99":{"percentiles":{"field":"metrics.latency.heatmap","percents":[99]}}}}
                """);
            Assert.InRange((double)p99["aggregations"]!["p99"]!["values"]!["99.0"]!, 15, 405);
        }
    }

    private string Yaml(params string[] settings) => $$"""
        exporters:
          elasticsearch:
            endpoint: {{shared.Node.Address}}
            templates: {enabled: {{(settings.Any(static s => s.StartsWith("traces_index", StringComparison.Ordinal)) ? "false" : "true")}}, number_of_replicas: 0}
            sending_queue: {batch: {flush_timeout: 50ms, min_size: 100} }
            {{string.Join("\n    ", settings)}}
        service:
          telemetry: {metrics: {level: none} }
          pipelines:
            traces: {receivers: [otlp], exporters: [elasticsearch]}
            metrics: {receivers: [otlp], exporters: [elasticsearch]}
            logs: {receivers: [otlp], exporters: [elasticsearch]}
        """;
}
