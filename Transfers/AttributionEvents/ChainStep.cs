namespace TelemetryPipeline.Transfers.AttributionEvents;

/// <summary>One span of the chain from the root to the origin of a failure.</summary>
public sealed record ChainStep
{
    /// <summary>The node's <c>service.name</c>.</summary>
    public string Service { get; init; } = "";

    /// <summary>Its tier.</summary>
    public string NodeType { get; init; } = "";

    /// <summary>The span in hexadecimal digits.</summary>
    public string SpanId { get; init; } = "";

    /// <summary>The span's name.</summary>
    public string Name { get; init; } = "";

    /// <summary>When the span began, in nanoseconds since 1970.</summary>
    public long StartNs { get; init; }

    /// <summary>How long it took, in nanoseconds; null where that is not known.</summary>
    public long? DurationNs { get; init; }

    /// <summary>The node's own verdict.</summary>
    public string Status { get; init; } = "";

    /// <summary>The business error code.</summary>
    public string Code { get; init; } = "";

    /// <summary>Whether the node failed: by its verdict, or by an error code.</summary>
    public bool HasFailed =>
        Code.StartsWith("ERR_", StringComparison.Ordinal)
        || Status.ToUpperInvariant() is "FAILED" or "TIMEOUT" or "REJECT" or "ERROR";
}
