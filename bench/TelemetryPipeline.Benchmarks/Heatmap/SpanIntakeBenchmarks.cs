using BenchmarkDotNet.Attributes;
using TelemetryPipeline.Heatmap;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Benchmarks.Heatmap;

/// <summary>
/// What the connector costs for a span of a batch: reading its dimensions and verdict from the bytes, finding the series,
/// counting. The batch's index is there already, as it is in a pipeline with any other component that looks inside.
/// </summary>
[MemoryDiagnoser]
public class SpanIntakeBenchmarks : IDisposable
{
    private const int Spans = 1000;

    private SpanIntake _intake = null!;
    private OtlpBatch _batch = null!;

    [GlobalSetup]
    public void Setup()
    {
        var grid = new LatencyGrid(32 << 20, exemplars: new ExemplarStore(10 << 20));
        grid.Advance((long)(TransferTraces.FirstStartNs / 1_000_000_000) + 20);
        _intake = new SpanIntake(
            grid,
            new SeriesKeys(
                [new HeatmapDimension("service.name"), new HeatmapDimension("node_type"), new HeatmapDimension("span.kind")], new AttributeSlots()),
            default(SpanKindSet).With(SpanKind.Server),
            new Counter());
        _batch = OtlpPayloads.Batch(new TransferTraces().FromOneService(Spans));
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _batch.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(OperationsPerInvoke = Spans)]
    public void Record() => _intake.Record(_batch);
}
