using System.Buffers;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Google.Protobuf;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Benchmarks.Otlp;

/// <summary>What a request of spans costs on its way: once a request, not once a span.</summary>
[MemoryDiagnoser]
public class OtlpBenchmarks : IDisposable
{
    private readonly AttributeSlots _slots = new();
    private readonly ArrayBufferWriter<byte> _json = new();
    private readonly ArrayBufferWriter<byte> _protobuf = new();
    private byte[] _bytes = [];
    private byte[] _jsonBytes = [];
    private OtlpChunk _chunk = null!;
    private OtlpBatch _batch = null!;
    private int _slot;

    /// <summary>1: a client that does not batch; 100 and 1000: the sizes the comparison with the Go Collector uses.</summary>
    [Params(1, 100, 1000)]
    public int Spans { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var request = new TransferTraces().FromOneService(Spans);
        _bytes = request.ToByteArray();
        _chunk = OtlpPayloads.Chunk(request);
        _batch = new OtlpBatch(_chunk.Retain());
        _slot = _slots.Register("service.name");
        WriteJson();
        _jsonBytes = _json.WrittenSpan.ToArray();
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _batch.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(Baseline = true)]
    public int Validate() => OtlpRequest.TryValidate(Signal.Traces, _bytes, out var items, out _) ? items : 0;

    /// <summary>A chunk keeps its index, so each round gets a new one.</summary>
    [Benchmark]
    public int Index()
    {
        using var batch = new OtlpBatch(OtlpChunk.FromArray(Signal.Traces, _bytes, Spans));
        return batch.View(0).Spans.Length;
    }

    [Benchmark]
    public int IndexAndSlots()
    {
        using var batch = new OtlpBatch(OtlpChunk.FromArray(Signal.Traces, _bytes, Spans));
        var view = batch.View(0);
        var found = 0;
        foreach (ref readonly var span in view.Spans)
        {
            found += view.TryGetAttribute(_slots, span.ResourceNode, _slot, out _) ? 1 : 0;
        }

        return found;
    }

    [Benchmark]
    public long Splice()
    {
        using var batch = new OtlpBatch(_chunk.Retain());
        var view = batch.View(0);
        foreach (ref readonly var span in view.Spans)
        {
            view.SetInt(span.Node, "added"u8, 1);
        }

        return batch.ByteCount;
    }

    [Benchmark]
    public int Append()
    {
        using var batch = new OtlpBatch(Signal.Traces);
        batch.Append(_chunk.Retain());
        return batch.ItemCount;
    }

    [Benchmark]
    public int FanOutToThree()
    {
        using var first = _batch.Fork();
        using var second = _batch.Fork();
        using var third = _batch.Fork();
        return first.ItemCount + second.ItemCount + third.ItemCount;
    }

    /// <summary>What the receiver does with a body in JSON: to protobuf, checked and counted.</summary>
    [Benchmark]
    public int ReadJson()
    {
        _protobuf.ResetWrittenCount();
        return OtlpRequest.TryReadJson(Signal.Traces, _jsonBytes, _protobuf, out var items, out _) ? items : 0;
    }

    [Benchmark]
    public int WriteJson()
    {
        _json.ResetWrittenCount();
        using var writer = new Utf8JsonWriter(_json);
        OtlpRequest.WriteJson(Signal.Traces, _bytes, writer);
        writer.Flush();
        return _json.WrittenCount;
    }
}
