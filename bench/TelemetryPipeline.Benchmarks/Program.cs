using BenchmarkDotNet.Running;
using TelemetryPipeline.Benchmarks.Heatmap;
using TelemetryPipeline.Benchmarks.Otlp;

// Memory after an hour of simulated load is no benchmark of time, so it has a command of its own.
if (args is ["heatmap-memory"])
{
    GridMemory.Print();
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(OtlpBenchmarks).Assembly).Run(args);
