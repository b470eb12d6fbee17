using System.Globalization;
using BenchmarkDotNet.Running;
using TelemetryPipeline.Benchmarks.Heatmap;
using TelemetryPipeline.Benchmarks.Otlp;
using TelemetryPipeline.Benchmarks.RedisStreams;

// Memory after an hour of simulated load is no benchmark of time, so it has a command of its own.
if (args is ["heatmap-memory"])
{
    GridMemory.Print();
    return;
}

// Throughput needs a server, which bench/redis-streams starts.
if (args is ["redis-streams", var port, var encoding, var spans, var seconds, var settings])
{
    await ExportRun.PrintAsync(
        int.Parse(port, CultureInfo.InvariantCulture), encoding, int.Parse(spans, CultureInfo.InvariantCulture),
        double.Parse(seconds, CultureInfo.InvariantCulture), settings);
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(OtlpBenchmarks).Assembly).Run(args);
