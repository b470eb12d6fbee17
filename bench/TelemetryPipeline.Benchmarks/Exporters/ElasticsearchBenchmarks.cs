using BenchmarkDotNet.Attributes;
using TelemetryPipeline.Exporters.Elasticsearch.Documents;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Benchmarks.Exporters;

/// <summary>From the bytes of spans to the body of a bulk request, a document a span, on one thread.</summary>
[MemoryDiagnoser]
public class ElasticsearchBenchmarks
{
    private const int Transfers = 60;
    private const int Documents = 17 * Transfers;
    private const int BodySize = 4 << 20;

    private readonly OtlpBatch _batch = OtlpPayloads.Batch(new TransferTraces().Request(Transfers));
    private readonly BulkEncoder _otel = new(new EncoderOptions());
    private readonly BulkEncoder _ecs = new(new EncoderOptions { Mode = MappingMode.Ecs });
    private readonly BulkBuffer _body = new(BodySize);

    [Benchmark(Baseline = true, OperationsPerInvoke = Documents)]
    public long Otel() => Encode(_otel);

    [Benchmark(OperationsPerInvoke = Documents)]
    public long Ecs() => Encode(_ecs);

    [GlobalCleanup]
    public void Cleanup()
    {
        _otel.Dispose();
        _ecs.Dispose();
        _body.Dispose();
        _batch.Dispose();
    }

    private long Encode(BulkEncoder encoder)
    {
        _body.Clear();
        encoder.Begin();
        var cursor = default(BulkCursor);
        encoder.Encode(_batch, ref cursor, _body, int.MaxValue);
        return _body.Bytes.Length;
    }
}
