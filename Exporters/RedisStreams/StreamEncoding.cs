namespace TelemetryPipeline.Exporters.RedisStreams;

/// <summary>What is in a stream's entry.</summary>
internal enum StreamEncoding : byte
{
    /// <summary>A batch as one OTLP export request in protobuf.</summary>
    OtlpProto,

    /// <summary>A batch as one OTLP export request in JSON.</summary>
    OtlpJson,

    /// <summary>One span, data point or log record with plain fields.</summary>
    Flat,
}
