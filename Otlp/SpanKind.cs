namespace TelemetryPipeline.Otlp;

/// <summary>A span's role, with OTLP's values.</summary>
public enum SpanKind : byte
{
    /// <summary>Not said.</summary>
    Unspecified,

    /// <summary>Inside an application.</summary>
    Internal,

    /// <summary>Serves a request.</summary>
    Server,

    /// <summary>Makes a request.</summary>
    Client,

    /// <summary>Sends a message.</summary>
    Producer,

    /// <summary>Handles a message.</summary>
    Consumer,
}
