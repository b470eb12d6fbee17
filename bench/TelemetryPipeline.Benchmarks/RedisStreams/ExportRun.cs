using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using TelemetryPipeline.Exporters.RedisStreams;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Benchmarks.RedisStreams;

/// <summary>
/// Writes batches of transfers' spans to Redis as fast as the exporter's consumers can, and prints one line of JSON with
/// what it cost. <c>bench/redis-streams</c> runs it beside <c>redis-benchmark</c>.
/// </summary>
internal static class ExportRun
{
    private const int Consumers = 10;

    /// <summary>Runs for some seconds after a warm-up.</summary>
    /// <param name="port">The server's port on the loopback interface.</param>
    /// <param name="encoding">As in the configuration.</param>
    /// <param name="spansPerBatch">Spans in a batch.</param>
    /// <param name="seconds">Length of the measured part.</param>
    /// <param name="settings">More settings, as entries of a YAML map in braces.</param>
    public static async Task PrintAsync(int port, string encoding, int spansPerBatch, double seconds, string settings)
    {
        var yaml = $"{{endpoint: \"127.0.0.1:{port}\", encoding: {encoding}{settings}}}";
        if (!YamlReader.TryRead(yaml, "bench", out var node, out var problem))
        {
            throw new ArgumentException(problem.ToString(), nameof(settings));
        }

        var errors = new ConfigErrors();
        var config = RedisStreamsExporterConfig.Read(new ConfigSection(node, node.Position, "redis_streams", errors));
        if (errors.Sorted() is [var error, ..])
        {
            throw new ArgumentException(error.ToString(), nameof(settings));
        }

        await using var sender = new RedisStreamsSender(Context(), config);
        using var batch = OtlpPayloads.Batch(new TransferTraces().FromOneService(spansPerBatch));
        await SendAsync(sender, batch, seconds / 2);
        using var process = Process.GetCurrentProcess();
        var cpu = process.TotalProcessorTime;
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var started = Stopwatch.GetTimestamp();
        var batches = await SendAsync(sender, batch, seconds);
        var elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
        process.Refresh();
        var spans = (double)batches * spansPerBatch;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"spans\": {spans:F0}, \"batches\": {batches}, \"seconds\": {elapsed:F3}, \"cpu_s\": {(process.TotalProcessorTime - cpu).TotalSeconds:F3}, \"allocated_bytes\": {GC.GetTotalAllocatedBytes(precise: true) - allocated}}}"));
    }

    private static async Task<long> SendAsync(RedisStreamsSender sender, OtlpBatch batch, double seconds)
    {
        long batches = 0;
        var started = Stopwatch.GetTimestamp();
        var forks = new OtlpBatch[Consumers];
        for (var i = 0; i < Consumers; i++)
        {
            forks[i] = batch.Fork();
        }

        await Task.WhenAll(Array.ConvertAll(forks, fork => Task.Run(async () =>
        {
            while (Stopwatch.GetElapsedTime(started).TotalSeconds < seconds)
            {
                var result = await sender.SendAsync(fork, CancellationToken.None);
                if (!result.IsAccepted)
                {
                    throw new InvalidOperationException(result.ToString());
                }

                Interlocked.Increment(ref batches);
            }

            fork.Dispose();
        })));
        return batches;
    }

    private static ComponentContext Context() => new()
    {
        Id = new ComponentId("redis_streams", ""),
        Signals = [Signal.Traces],
        Loggers = NullLoggerFactory.Instance,
        Metrics = new MetricRegistry(),
        Extensions = new NoExtensions(),
        ReportStatus = static (_, _) => { },
    };

    private sealed class NoExtensions : IExtensionHost
    {
        public T? Find<T>(ComponentId id)
            where T : class => null;
    }
}
