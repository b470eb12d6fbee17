using BenchmarkDotNet.Running;
using TelemetryPipeline.Benchmarks.Heatmap;
using TelemetryPipeline.Benchmarks.Otlp;
using TelemetryPipeline.Benchmarks.Processors.FinancialEnrichment;

// Memory after an hour of simulated load is no benchmark of time, so it has a command of its own.
if (args is ["heatmap-memory"])
{
    GridMemory.Print();
    return;
}

if (args is ["heatmap-record"])
{
    RecordingCost.Print();
    return;
}

// Steps in turn, for a machine that does other things too.
if (args is ["enrichment-steps"])
{
    await EnrichmentSteps.PrintAsync();
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(OtlpBenchmarks).Assembly).Run(args);
