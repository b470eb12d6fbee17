using System.Globalization;
using BenchmarkDotNet.Running;
using TelemetryPipeline.Benchmarks.Attribution;
using TelemetryPipeline.Benchmarks.Exporters;
using TelemetryPipeline.Benchmarks.Heatmap;
using TelemetryPipeline.Benchmarks.Otlp;
using TelemetryPipeline.Benchmarks.Processors.FinancialEnrichment;
using TelemetryPipeline.Benchmarks.RedisStreams;

// What is no benchmark of a single operation has a command of its own: memory after an hour, latency under a steady
// load, steps measured in turn, a server at the other end.
switch (args)
{
    case ["heatmap-memory"]:
        GridMemory.Print();
        break;
    case ["heatmap-record"]:
        RecordingCost.Print();
        break;
    case ["attribution-load", .. var rest]:
        await AttributionLoad.PrintAsync(Number(rest, 50_000));
        break;
    case ["enrichment-steps", .. var rest]:
        await EnrichmentSteps.PrintAsync(rest);
        break;
    case ["elasticsearch-bulk", .. var rest]:
        await BulkThroughput.PrintAsync(Number(rest, 7));
        break;
    // bench/redis-streams starts the server that this needs.
    case ["redis-streams", var port, var encoding, var spans, var seconds, var settings]:
        await ExportRun.PrintAsync(
            int.Parse(port, CultureInfo.InvariantCulture), encoding, int.Parse(spans, CultureInfo.InvariantCulture),
            double.Parse(seconds, CultureInfo.InvariantCulture), settings);
        break;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(OtlpBenchmarks).Assembly).Run(args);
        break;
}

static int Number(string[] rest, int otherwise) => rest.Length > 0 ? int.Parse(rest[0], CultureInfo.InvariantCulture) : otherwise;
