namespace TelemetryPipeline.Exporters.Otlp.Http;

/// <summary>How requests are encoded (<c>encoding</c>).</summary>
internal enum HttpEncoding : byte
{
    /// <summary>Binary protobuf.</summary>
    Proto,

    /// <summary>OTLP/JSON.</summary>
    Json,
}
