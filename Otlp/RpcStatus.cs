namespace TelemetryPipeline.Otlp;

/// <summary>
/// A <c>google.rpc.Status</c>, OTLP's answer to a request that failed: the body of every HTTP 4xx and 5xx response and
/// the <c>grpc-status-details-bin</c> trailer.
/// </summary>
/// <param name="Code">A gRPC status code, 0 to 16.</param>
/// <param name="Message">What went wrong, for the sender's operator.</param>
public sealed record RpcStatus(int Code, string Message)
{
    /// <summary>How long the sender should wait before it tries again (<c>RetryInfo</c>); null says nothing about it.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Which parts of the request are at fault (<c>BadRequest</c>); empty where none are named.</summary>
    public IReadOnlyList<FieldViolation> Violations { get; init; } = [];
}
