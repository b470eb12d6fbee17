using System.Linq;
using System.Net.Http.Headers;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using OpenTelemetry.Proto.Metrics.V1;
using OpenTelemetry.Proto.Resource.V1;
using TelemetryPipeline.TestSupport;
using TelemetryPipeline.TestSupport.Otlp;
using TelemetryPipeline.TestSupport.Processes;

namespace TelemetryPipeline.IntegrationTests.RedisStreams;

/// <summary>What docs/redis-streams.md says can be done is done here, with the programs that it shows.</summary>
public sealed class DocumentTests
{
    private const int Transfers = 20;
    private static readonly string Examples = Path.Combine(RepositoryRoot.Path, "docs", "examples");
    private static readonly string Document = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "redis-streams.md"));

    // Scenario: transfers, one in four failing, their attributions and heat map frames are exported flat to Redis.
    // Guarantees: every question of the document gets the answer that stands there.
    [Fact]
    public async Task Queries_OfTheDocument_HaveTheAnswersThatStandThere()
    {
        Assert.SkipWhen(RedisServer.Program is null, RedisServer.MissingReason);
        await using var redis = await RedisNode.StartAsync();
        await using var collector = await CollectorProcess.StartAsync(Yaml(redis, "flat", "flat:{signal}"));
        var traces = new TransferTraces(seed: 5);
        await PostAsync(collector, "/v1/traces", traces.Request(Transfers - 5));
        await PostAsync(collector, "/v1/traces", traces.Request(5, failing: true));
        await PostAsync(collector, "/v1/logs", Attributions());
        await PostAsync(collector, "/v1/metrics", Frames());
        Assert.Equal(0, await collector.StopAsync());

        var queries = Queries().ToList();
        Assert.True(queries.Count >= 4, "the document has fewer questions than it should");
        foreach (var (arguments, answer) in queries)
        {
            Assert.Equal(answer, await PythonAsync(redis, arguments));
        }
    }

    [Fact]
    public async Task PythonExample_OnAStreamOfTheExporter_PrintsEverySpan()
    {
        Assert.SkipWhen(RedisServer.Program is null, RedisServer.MissingReason);
        await using var redis = await RedisNode.StartAsync();
        await using var collector = await CollectorProcess.StartAsync(Yaml(redis, "otlp_json", "telemetry:{signal}"));
        var request = new TransferTraces().Request(3);
        await PostAsync(collector, "/v1/traces", request);

        var printed = await PythonAsync(redis, ["follow", "telemetry:traces", "g", "c", "51"]);

        var spans = request.ResourceSpans.SelectMany(r => r.ScopeSpans).SelectMany(s => s.Spans)
            .Select(s => $"{Convert.ToHexStringLower(s.TraceId.Span)} {Convert.ToHexStringLower(s.SpanId.Span)} {s.Name}");
        Assert.Equal(spans.Order(), printed.Split('\n').Order());
        var group = Assert.Single(await (await redis.DatabaseAsync()).StreamGroupInfoAsync("telemetry:traces"));
        Assert.Equal(0, group.PendingMessageCount);
    }

    [Fact]
    public async Task CSharpExample_OnAStreamOfTheExporter_PrintsEverySpan()
    {
        Assert.SkipWhen(RedisServer.Program is null, RedisServer.MissingReason);
        var source = await File.ReadAllTextAsync(
            Path.Combine(RepositoryRoot.Path, "tests/TelemetryPipeline.IntegrationTests/RedisStreams/ExampleConsumer.cs"), TestContext.Current.CancellationToken);
        var example = source[source.IndexOf("    public static async Task FollowAsync", StringComparison.Ordinal)..source.IndexOf("\n    // To here.", StringComparison.Ordinal)];
        Assert.Contains(string.Join('\n', example.TrimEnd().Split('\n').Select(l => l.Length > 4 ? l[4..] : "")), Document, StringComparison.Ordinal);

        await using var redis = await RedisNode.StartAsync();
        await using var collector = await CollectorProcess.StartAsync(Yaml(redis, "otlp_proto", "telemetry:{signal}"));
        var request = new TransferTraces().Request(3);
        await PostAsync(collector, "/v1/traces", request);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var printed = new List<string>();
        await ExampleConsumer.FollowAsync(
            await redis.DatabaseAsync(), "telemetry:traces", "g", "c",
            line =>
            {
                printed.Add(line);
                if (printed.Count == 51)
                {
                    stop.Cancel();
                }
            },
            stop.Token);

        var spans = request.ResourceSpans.SelectMany(r => r.ScopeSpans).SelectMany(s => s.Spans)
            .Select(s => $"{Convert.ToHexStringLower(s.TraceId.Span)} {s.Name}");
        Assert.Equal(spans.Order(), printed.Order());
    }

    /// <summary>The document's console blocks: a line that begins with <c>$ redis_streams.py</c>, and the answer below it.</summary>
    private static IEnumerable<(string[] Arguments, string Answer)> Queries()
    {
        const string Prompt = "$ redis_streams.py ";
        foreach (var block in Document.Split("```console\n").Skip(1).Select(b => b.Split("\n```")[0]).Where(b => b.StartsWith(Prompt, StringComparison.Ordinal)))
        {
            var lines = block.Split('\n', 2);
            yield return (lines[0][Prompt.Length..].Split(' '), lines[1].TrimEnd());
        }
    }

    private static async Task<string> PythonAsync(RedisNode redis, string[] arguments)
    {
        await using var python = new ChildProcess(
            "python3", ["-B", Path.Combine(Examples, "redis_streams.py"), "--port", $"{redis.Port}", .. arguments]);
        Assert.True(await python.WaitForExitAsync() == 0, python.Output);
        return python.Output.TrimEnd();
    }

    /// <summary>An attribution for each of the failing transfers, and one of another cause.</summary>
    private static ExportLogsServiceRequest Attributions()
    {
        var scope = new ScopeLogs { Scope = new InstrumentationScope { Name = "telemetrypipeline/anomaly_attribution" } };
        for (var i = 0; i < 6; i++)
        {
            var insufficient = i < 5;
            var record = new LogRecord
            {
                EventName = "anomaly.attribution",
                TimeUnixNano = TransferTraces.FirstStartNs,
                SeverityNumber = SeverityNumber.Error,
                Body = Text(insufficient ? "The balance did not suffice." : "The clearing house did not answer in time."),
            };
            record.Attributes.Add(Pair("anomaly.rule_id", insufficient ? "insufficient-balance" : "clearing-timeout"));
            record.Attributes.Add(Pair("anomaly.root_cause", insufficient ? "customer balance too low" : "clearing house slow"));
            record.Attributes.Add(Pair("anomaly.priority", insufficient ? "P2" : "P1"));
            record.Attributes.Add(Pair("anomaly.origin.code", insufficient ? "ERR_INSUFFICIENT_BALANCE" : "ERR_TIMEOUT"));
            record.Attributes.Add(Pair("biz.order_no", $"TRD20240521{16 + i:D9}"));
            record.Attributes.Add(new KeyValue { Key = "anomaly.chain", Value = Chain(insufficient) });
            scope.LogRecords.Add(record);
        }

        var resource = new Resource { Attributes = { Pair("service.name", "balance-ledger") } };
        return new ExportLogsServiceRequest { ResourceLogs = { new ResourceLogs { Resource = resource, ScopeLogs = { scope } } } };
    }

    private static AnyValue Chain(bool insufficient)
    {
        var steps = new ArrayValue();
        (string NodeType, string Status, string Code)[] path = insufficient
            ? [("client-terminal", "ERROR", ""), ("mobile-bank-gateway", "ERROR", ""), ("balance-ledger", "ERROR", "ERR_INSUFFICIENT_BALANCE")]
            : [("client-terminal", "ERROR", ""), ("clearing-gateway", "ERROR", "ERR_TIMEOUT")];
        foreach (var (nodeType, status, code) in path)
        {
            steps.Values.Add(new AnyValue { KvlistValue = new KeyValueList { Values = { Pair("node_type", nodeType), Pair("status", status), Pair("code", code) } } });
        }

        return new AnyValue { ArrayValue = steps };
    }

    /// <summary>Two seconds of two nodes, as the heat map hands them on.</summary>
    private static ExportMetricsServiceRequest Frames()
    {
        var histogram = new Histogram { AggregationTemporality = AggregationTemporality.Delta };
        for (var second = 0UL; second < 2; second++)
        {
            histogram.DataPoints.Add(Frame("balance-ledger", second, (0, 98), (1, 1), (40, 1)));
            histogram.DataPoints.Add(Frame("clearing-gateway", second, (2, 50), (59, 3)));
        }

        var scope = new ScopeMetrics { Metrics = { new Metric { Name = "latency.heatmap", Unit = "ms", Histogram = histogram } } };
        return new ExportMetricsServiceRequest { ResourceMetrics = { new ResourceMetrics { ScopeMetrics = { scope } } } };
    }

    private static HistogramDataPoint Frame(string nodeType, ulong second, params (int Bucket, ulong Count)[] cells)
    {
        var point = new HistogramDataPoint
        {
            StartTimeUnixNano = TransferTraces.FirstStartNs + (second * 1_000_000_000),
            TimeUnixNano = TransferTraces.FirstStartNs + ((second + 1) * 1_000_000_000),
            Attributes = { Pair("node_type", nodeType) },
        };
        point.ExplicitBounds.AddRange(Enumerable.Range(1, 59).Select(i => i * 10.0));
        var counts = new ulong[60];
        foreach (var (bucket, count) in cells)
        {
            counts[bucket] = count;
            point.Count += count;
        }

        point.BucketCounts.AddRange(counts);
        return point;
    }

    private static async Task PostAsync(CollectorProcess collector, string path, IMessage request)
    {
        using var client = new HttpClient();
        using var content = new ByteArrayContent(request.ToByteArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        using var answer = await client.PostAsync(new Uri(collector.HttpEndpoint, path), content, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    private static KeyValue Pair(string key, string value) => new() { Key = key, Value = Text(value) };

    private static AnyValue Text(string text) => new() { StringValue = text };

    private static string Yaml(RedisNode redis, string encoding, string stream) => $$"""
        exporters:
          redis_streams:
            endpoint: {{redis.Endpoint}}
            encoding: {{encoding}}
            stream: "{{stream}}"
        service:
          telemetry: {metrics: {level: none} }
          pipelines:
            traces: {receivers: [otlp], exporters: [redis_streams]}
            metrics: {receivers: [otlp], exporters: [redis_streams]}
            logs: {receivers: [otlp], exporters: [redis_streams]}
        """;
}
