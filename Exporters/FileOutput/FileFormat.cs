namespace TelemetryPipeline.Exporters.FileOutput;

/// <summary>What a record holds (<c>format</c>).</summary>
internal enum FileFormat : byte
{
    /// <summary>OTLP/JSON: a request a line.</summary>
    Json,

    /// <summary>Binary protobuf behind its length in four bytes, the most significant first.</summary>
    Proto,
}
