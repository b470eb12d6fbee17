using BenchmarkDotNet.Running;
using TelemetryPipeline.Benchmarks.Exporters;
using TelemetryPipeline.Benchmarks.Heatmap;
using TelemetryPipeline.Benchmarks.Otlp;

// Memory after an hour of simulated load is no benchmark of time, so it has a command of its own.
if (args is ["heatmap-memory"])
{
    GridMemory.Print();
    return;
}

if (args is ["elasticsearch-bulk", ..])
{
    await BulkThroughput.PrintAsync(args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 7);
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(OtlpBenchmarks).Assembly).Run(args);
