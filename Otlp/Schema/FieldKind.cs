namespace TelemetryPipeline.Otlp.Schema;

/// <summary>The protobuf types that OTLP uses, with ids told apart from other bytes: JSON writes them as hex.</summary>
internal enum FieldKind : byte
{
    Bool,
    Signed32,
    Signed64,
    Unsigned32,
    Unsigned64,
    ZigZag32,
    Named,
    Fixed32,
    Fixed64,
    SFixed64,
    Float64,
    Text,
    Bytes,
    TraceId,
    SpanId,
    Message,
}
