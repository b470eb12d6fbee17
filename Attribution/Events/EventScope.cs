namespace TelemetryPipeline.Attribution.Events;

/// <summary>What an event is about.</summary>
internal enum EventScope : byte
{
    /// <summary>A span that a rule hit.</summary>
    Span,

    /// <summary>A trace as a whole.</summary>
    Trace,

    /// <summary>A burst of traces.</summary>
    Window,
}
