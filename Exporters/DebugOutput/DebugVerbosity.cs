namespace TelemetryPipeline.Exporters.DebugOutput;

/// <summary>How much of a batch is shown (<c>verbosity</c>).</summary>
internal enum DebugVerbosity : byte
{
    /// <summary>A line with counts for each batch.</summary>
    Basic,

    /// <summary>That, and a line for each resource, scope and item.</summary>
    Normal,

    /// <summary>That, and every field of every item.</summary>
    Detailed,
}
