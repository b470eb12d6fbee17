using System.Globalization;
using BenchmarkDotNet.Running;
using TelemetryPipeline.Benchmarks.Attribution;
using TelemetryPipeline.Benchmarks.Heatmap;
using TelemetryPipeline.Benchmarks.Otlp;
using TelemetryPipeline.Benchmarks.Processors.FinancialEnrichment;

// Memory after an hour of simulated load is no benchmark of time, so it has a command of its own.
if (args is ["heatmap-memory"])
{
    GridMemory.Print();
    return;
}

// So has the time from a failing span to its event, which needs a steady load.
if (args is ["attribution-load", .. var rest])
{
    await AttributionLoad.PrintAsync(rest.Length > 0 ? int.Parse(rest[0], CultureInfo.InvariantCulture) : 50_000);
    return;
}

// Steps in turn, for a machine that does other things too.
if (args is ["enrichment-steps"])
{
    await EnrichmentSteps.PrintAsync();
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(OtlpBenchmarks).Assembly).Run(args);
