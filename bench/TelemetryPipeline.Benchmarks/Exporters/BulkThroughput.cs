using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using Microsoft.Extensions.Logging.Abstractions;
using TelemetryPipeline.Exporters.Elasticsearch;
using TelemetryPipeline.Exporters.Elasticsearch.Documents;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.TestSupport.Otlp;
using TelemetryPipeline.TestSupport.Processes;

namespace TelemetryPipeline.Benchmarks.Exporters;

/// <summary>
/// Documents a second into a real OpenSearch: through the exporter with its queue, and by sending bodies that were made
/// beforehand, which is all that the server can take. Both in turns, with the same documents but for their ids.
/// </summary>
internal static class BulkThroughput
{
    private const int Requests = 60;
    private const int TransfersPerRequest = 40;
    private const int Documents = Requests * TransfersPerRequest * 17;
    private const int BodySize = 5_000_000;
    private const int Connections = 4;
    private const int WarmUps = 2;

    /// <summary>Measures and prints Markdown.</summary>
    /// <param name="rounds">Rounds of both.</param>
    public static async Task PrintAsync(int rounds)
    {
        await using var node = await OpenSearchNode.StartAsync();
        Console.WriteLine($"{Documents} documents a round, {Connections} requests under way, no compression");
        Console.WriteLine();
        Console.WriteLine("| round | raw replay, documents/s | exporter, documents/s | ratio | exporter, CPU us/document |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        var ratios = new List<double>();
        for (var round = 0; round < rounds + WarmUps; round++)
        {
            // Who goes first takes turns too; the first rounds warm up the server.
            var exporterFirst = round % 2 == 1;
            double raw = 0, exported = 0, cpuUs = 0;
            for (var half = 0; half < 2; half++)
            {
                if ((half == 0) == exporterFirst)
                {
                    (exported, cpuUs) = await ExportAsync(node, round);
                }
                else
                {
                    raw = await ReplayAsync(node, round);
                }
            }

            if (round >= WarmUps)
            {
                ratios.Add(exported / raw);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"| {round - WarmUps + 1} | {raw:F0} | {exported:F0} | {exported / raw:F2} | {cpuUs:F1} |"));
            }
        }

        ratios.Sort();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"\nratio: median {ratios[ratios.Count / 2]:F2}, least {ratios[0]:F2}, greatest {ratios[^1]:F2}"));
    }

    private static async Task<double> ReplayAsync(OpenSearchNode node, int round)
    {
        var index = await CreateAsync(node, "raw", round);
        var bodies = new ConcurrentQueue<byte[]>();
        using (var encoder = new BulkEncoder(new EncoderOptions { FixedIndexes = [index, null, null] }))
        using (var body = new BulkBuffer(BodySize))
        using (var batch = OtlpPayloads.Batch([.. Messages(round)]))
        {
            var cursor = default(BulkCursor);
            bool more;
            do
            {
                body.Clear();
                more = encoder.Encode(batch, ref cursor, body, BodySize);
                bodies.Enqueue(body.Bytes.WrittenSpan.ToArray());
            }
            while (more);
        }

        using var http = new HttpClient { BaseAddress = node.Address, Timeout = TimeSpan.FromMinutes(5) };
        var begin = Stopwatch.GetTimestamp();
        var senders = new Task[Connections];
        for (var i = 0; i < Connections; i++)
        {
            senders[i] = SendAllAsync(http, bodies);
        }

        await Task.WhenAll(senders);
        var seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        await CheckAsync(node, index);
        return Documents / seconds;
    }

    private static async Task SendAllAsync(HttpClient http, ConcurrentQueue<byte[]> bodies)
    {
        while (bodies.TryDequeue(out var body))
        {
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
            using var response = await http.PostAsync(new Uri("/_bulk?filter_path=errors", UriKind.Relative), content);
            var text = await response.Content.ReadAsStringAsync();
            if (text != "{\"errors\":false}")
            {
                throw new InvalidOperationException(text);
            }
        }
    }

    private static async Task<(double PerSecond, double CpuUs)> ExportAsync(OpenSearchNode node, int round)
    {
        var index = await CreateAsync(node, "exported", round);
        var requests = Messages(round);
        var factory = new ElasticsearchFactory();
        YamlReader.TryRead(
            $$"""
            {endpoint: "{{node.Address}}", traces_index: {{index}}, compression: none, flush: {bytes: {{BodySize}}},
             sending_queue: {num_consumers: {{Connections}}, batch: {min_size: 1500000, max_size: 2500000} } }
            """,
            "bench", out var yaml, out _);
        var errors = new ConfigErrors();
        var config = factory.ReadConfig(new ConfigSection(yaml, default, "elasticsearch", errors));
        if (errors.Sorted().Count > 0)
        {
            throw new InvalidOperationException(errors.Sorted()[0].ToString());
        }

        var exporter = factory.Create(
            new ComponentContext
            {
                Id = new ComponentId("elasticsearch", ""),
                Signals = [Signal.Traces],
                Loggers = NullLoggerFactory.Instance,
                Metrics = new MetricRegistry(),
                Extensions = new NoExtensions(),
                ReportStatus = static (_, _) => { },
            },
            config);
        await exporter.StartAsync(CancellationToken.None);
        var cpu = Environment.CpuUsage.TotalTime;
        var begin = Stopwatch.GetTimestamp();
        foreach (var request in requests)
        {
            using var batch = OtlpPayloads.Batch(request);
            if (await exporter.ConsumeAsync(batch, CancellationToken.None) is { IsAccepted: false } refusal)
            {
                throw new InvalidOperationException(refusal.Message);
            }
        }

        await exporter.StopAsync(CancellationToken.None);
        var seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        var cpuUs = (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / Documents;
        await CheckAsync(node, index);
        return (Documents / seconds, cpuUs);
    }

    private static List<Google.Protobuf.IMessage> Messages(int round)
    {
        var traces = new TransferTraces(round + 1);
        var requests = new List<Google.Protobuf.IMessage>(Requests);
        for (var i = 0; i < Requests; i++)
        {
            requests.Add(traces.Request(TransfersPerRequest));
        }

        return requests;
    }

    // The same mapping for both, and no refresh in the middle of one of them.
    private static async Task<string> CreateAsync(OpenSearchNode node, string name, int round)
    {
        var index = string.Create(CultureInfo.InvariantCulture, $"bench-{name}-{round}");
        await node.Client.AskAsync(HttpMethod.Put, $"/{index}", """
            {"settings":{"index":{"number_of_replicas":0,"refresh_interval":"-1"}},
             "mappings":{"dynamic_templates":[{"texts":{"match_mapping_type":"string","mapping":{"type":"keyword"}}}]}}
            """);
        return index;
    }

    private static async Task CheckAsync(OpenSearchNode node, string index)
    {
        var count = await node.Client.CountAsync(index);
        await node.Client.AskAsync(HttpMethod.Delete, $"/{index}");
        if (count != Documents)
        {
            throw new InvalidOperationException($"{index} has {count} of {Documents} documents");
        }
    }

    private sealed class NoExtensions : IExtensionHost
    {
        public T? Find<T>(ComponentId id)
            where T : class => null;
    }
}
