using System.Globalization;
using System.Linq;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Metrics.V1;
using OpenTelemetry.Proto.Resource.V1;
using TelemetryPipeline.TestSupport.Otlp;
using TelemetryPipeline.TestSupport.Processes;

namespace TelemetryPipeline.IntegrationTests.Elasticsearch;

/// <summary>Metrics with any names, in a real server.</summary>
[Collection(SharedNode.Name)]
public sealed class MetricNameTests(SharedNode shared)
{
    private const int Rounds = 8;
    private const int MetricsMax = 60;
    private const double FirstValue = 100_000.5;

    private static readonly string[] Parts = ["a", "b", "value", "max", "count", "", " ", "_", "\t", "\u3000", "\u540d", "*", "%", "service", "x\"y"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private SearchClient Client => shared.Node.Client;

    [Theory]
    [InlineData("otel")]
    [InlineData("ecs")]
    public async Task Export_RandomNames_StoresEachValueWhereItCanBeAskedFor(string mode)
    {
        Assert.SkipUnless(OpenSearchNode.MissingReason is null, OpenSearchNode.MissingReason ?? "");
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}"));
        var random = new Random(seed);
        await using var collector = await CollectorProcess.StartAsync(Yaml(mode));
        var counts = new int[Rounds];
        for (var round = 0; round < Rounds; round++)
        {
            var names = Enumerable.Range(0, random.Next(2, MetricsMax)).Select(_ => Name(random)).Distinct(StringComparer.Ordinal).ToArray();
            counts[round] = names.Length;
            await PostAsync(collector, Space(mode, round), [.. names.Select((name, i) => OfKind(name, FirstValue + i, random))]);
        }

        Assert.Equal(0, await collector.StopAsync());
        Assert.DoesNotContain("refused", collector.Output, StringComparison.Ordinal);
        for (var round = 0; round < Rounds; round++)
        {
            await CheckValuesAsync($"metrics-*-{Space(mode, round)}", counts[round]);
        }
    }

    [Fact]
    public async Task Export_IntegerFirstAndFractionsLater_AveragesExactly()
    {
        Assert.SkipUnless(OpenSearchNode.MissingReason is null, OpenSearchNode.MissingReason ?? "");
        foreach (var mode in new[] { "otel", "ecs" })
        {
            var space = Space(mode, 99);
            await using var collector = await CollectorProcess.StartAsync(Yaml(mode));
            var whole = Gauge("load", 0);
            whole.Gauge.DataPoints[0].AsInt = 1;
            await PostAsync(collector, space, [whole, Gauge("amount", 123_456_789.25)]);
            await PostAsync(collector, space, [Gauge("load", 1.5)]);
            Assert.Equal(0, await collector.StopAsync());

            var prefix = mode == "otel" ? "metrics." : "";
            Assert.Equal(1.25, await AverageAsync($"metrics-*-{space}", prefix + "load"));
            Assert.Equal(123_456_789.25, await AverageAsync($"metrics-*-{space}", prefix + "amount"));
        }
    }

    // Every value is in the source of one document, and a query for the field finds it.
    private async Task CheckValuesAsync(string index, int count)
    {
        var found = new SortedSet<double>();
        foreach (var hit in (await Client.SearchAsync(index, """{"size":1000}"""))["hits"]!["hits"]!.AsArray())
        {
            var filters = new JsonArray();
            foreach (var (path, value) in Numbers(hit!["_source"]!, "").Where(static n => n.Value >= FirstValue && n.Value < FirstValue + MetricsMax))
            {
                Assert.True(found.Add(value), $"{path} twice");
                filters.Add(new JsonObject { ["term"] = new JsonObject { [path] = value } });
            }

            var query = new JsonObject { ["query"] = new JsonObject { ["bool"] = new JsonObject { ["filter"] = filters } } };
            Assert.Equal(1, (long)(await Client.SearchAsync(index, query.ToJsonString()))["hits"]!["total"]!["value"]!);
        }

        Assert.Equal(Enumerable.Range(0, count).Select(static i => FirstValue + i), found);
    }

    private static IEnumerable<(string Path, double Value)> Numbers(JsonNode node, string path) => node switch
    {
        JsonObject inner => inner.Where(static p => p.Value is not null && p.Key is not ("min" or "p50" or "p95" or "p99" or "values"))
            .SelectMany(p => Numbers(p.Value!, path.Length == 0 ? p.Key : $"{path}.{p.Key}")),
        JsonValue value when value.TryGetValue<double>(out var number) => [(path, number)],
        _ => [],
    };

    private async Task<double> AverageAsync(string index, string field) => (double)(await Client.SearchAsync(
        index, "{\"size\":0,\"aggs\":{\"mean\":{\"avg\":{\"field\":\"" + field + "\"}}}}"))["aggregations"]!["mean"]!["value"]!;

    private static string Space(string mode, int round) => $"names{mode}{round}x{Environment.ProcessId}";

    private static string Name(Random random) =>
        string.Join('.', Enumerable.Range(0, random.Next(20) == 0 ? 25 : random.Next(1, 4)).Select(_ => Parts[random.Next(Parts.Length)]));

    private static Metric OfKind(string name, double value, Random random) => random.Next(3) > 0
        ? Gauge(name, value)
        : new Metric
        {
            Name = name,
            Summary = new Summary { DataPoints = { new SummaryDataPoint { TimeUnixNano = TransferTraces.FirstStartNs, Count = 1, Sum = value } } },
        };

    private static Metric Gauge(string name, double value) => new()
    {
        Name = name,
        Gauge = new Gauge { DataPoints = { new NumberDataPoint { TimeUnixNano = TransferTraces.FirstStartNs, AsDouble = value } } },
    };

    private static async Task PostAsync(CollectorProcess collector, string space, Metric[] metrics)
    {
        var request = new ExportMetricsServiceRequest
        {
            ResourceMetrics =
            {
                new ResourceMetrics
                {
                    Resource = new Resource { Attributes = { Pair("service.name", "ledger"), Pair("data_stream.namespace", space) } },
                    ScopeMetrics = { new ScopeMetrics { Metrics = { metrics } } },
                },
            },
        };
        using var http = new HttpClient { BaseAddress = collector.HttpEndpoint };
        using var content = new ByteArrayContent(request.ToByteArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        using var response = await http.PostAsync(new Uri("/v1/metrics", UriKind.Relative), content, Cancel);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancel));
    }

    private static KeyValue Pair(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };

    private string Yaml(string mode) => $$"""
        exporters:
          elasticsearch:
            endpoint: {{shared.Node.Address}}
            mapping: {mode: {{mode}}}
            templates: {enabled: true, number_of_replicas: 0}
            sending_queue: {batch: {flush_timeout: 50ms, min_size: 100} }
        service:
          telemetry: {metrics: {level: none} }
          pipelines:
            metrics: {receivers: [otlp], exporters: [elasticsearch]}
        """;
}
