using System.Buffers.Binary;
using Google.Protobuf;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Trace.V1;

namespace TelemetryPipeline.TestSupport.Otlp;

/// <summary>Builds a span of the oracle's types in one expression.</summary>
public sealed class SpanBuilder
{
    private readonly Span _span = new();

    /// <summary>A span of trace 1, span id 1, kind SERVER, that starts at 1 s after the epoch and lasts 5 ms.</summary>
    public SpanBuilder(string name)
    {
        _span.Name = name;
        _span.Kind = Span.Types.SpanKind.Server;
        Trace(0, 1).Id(1).At(1_000_000_000UL, 5_000_000UL);
    }

    public SpanBuilder Trace(ulong high, ulong low)
    {
        var id = new byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(id, high);
        BinaryPrimitives.WriteUInt64BigEndian(id.AsSpan(8), low);
        _span.TraceId = ByteString.CopyFrom(id);
        return this;
    }

    public SpanBuilder Id(ulong id)
    {
        _span.SpanId = Bytes(id);
        return this;
    }

    /// <summary>0 makes a root.</summary>
    public SpanBuilder Parent(ulong id)
    {
        _span.ParentSpanId = id == 0 ? ByteString.Empty : Bytes(id);
        return this;
    }

    public SpanBuilder Kind(Span.Types.SpanKind kind)
    {
        _span.Kind = kind;
        return this;
    }

    public SpanBuilder At(ulong startNs, ulong durationNs)
    {
        _span.StartTimeUnixNano = startNs;
        _span.EndTimeUnixNano = startNs + durationNs;
        return this;
    }

    /// <summary>0 leaves a time out.</summary>
    public SpanBuilder Between(ulong startNs, ulong endNs)
    {
        _span.StartTimeUnixNano = startNs;
        _span.EndTimeUnixNano = endNs;
        return this;
    }

    public SpanBuilder Failed(string message = "")
    {
        _span.Status = new Status { Code = Status.Types.StatusCode.Error, Message = message };
        return this;
    }

    public SpanBuilder With(string key, string value) => With(key, new AnyValue { StringValue = value });

    public SpanBuilder With(string key, long value) => With(key, new AnyValue { IntValue = value });

    public SpanBuilder With(string key, bool value) => With(key, new AnyValue { BoolValue = value });

    public SpanBuilder With(string key, double value) => With(key, new AnyValue { DoubleValue = value });

    public SpanBuilder With(string key, AnyValue value)
    {
        _span.Attributes.Add(new KeyValue { Key = key, Value = value });
        return this;
    }

    public Span Build() => _span;

    private static ByteString Bytes(ulong id)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, id);
        return ByteString.CopyFrom(bytes);
    }
}
