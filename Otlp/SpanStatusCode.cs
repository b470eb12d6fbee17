namespace TelemetryPipeline.Otlp;

/// <summary>A span's status, with OTLP's values.</summary>
public enum SpanStatusCode : byte
{
    /// <summary>Not said.</summary>
    Unset,

    /// <summary>Declared a success.</summary>
    Ok,

    /// <summary>Failed.</summary>
    Error,
}
