namespace TelemetryPipeline.Exporters.Otlp.Grpc;

/// <summary>The status codes of gRPC (<c>grpc/doc/statuscodes.md</c>).</summary>
internal enum GrpcStatusCode
{
    /// <summary>Success.</summary>
    Ok = 0,

    /// <summary>Cancelled, typically by the caller.</summary>
    Cancelled = 1,

    /// <summary>Anything that has no better code.</summary>
    Unknown = 2,

    /// <summary>The request is wrong whatever the server's state.</summary>
    InvalidArgument = 3,

    /// <summary>Too late.</summary>
    DeadlineExceeded = 4,

    /// <summary>There is no such thing.</summary>
    NotFound = 5,

    /// <summary>There is such a thing already.</summary>
    AlreadyExists = 6,

    /// <summary>Not allowed.</summary>
    PermissionDenied = 7,

    /// <summary>Something is used up; retryable only with <c>RetryInfo</c>.</summary>
    ResourceExhausted = 8,

    /// <summary>The server's state does not allow it.</summary>
    FailedPrecondition = 9,

    /// <summary>Aborted, for example by a conflict.</summary>
    Aborted = 10,

    /// <summary>Past the end.</summary>
    OutOfRange = 11,

    /// <summary>The server does not have the method.</summary>
    Unimplemented = 12,

    /// <summary>The server is broken.</summary>
    Internal = 13,

    /// <summary>The server cannot serve now.</summary>
    Unavailable = 14,

    /// <summary>Data is lost or damaged.</summary>
    DataLoss = 15,

    /// <summary>The caller has no valid credentials.</summary>
    Unauthenticated = 16,
}

/// <summary>What OTLP makes of the status codes.</summary>
internal static class GrpcStatusCodes
{
    /// <summary>
    /// Whether the request may be sent again, by the table "Failures" of the OTLP specification 1.11:
    /// RESOURCE_EXHAUSTED only where the server says that it can recover.
    /// </summary>
    /// <param name="code">The status.</param>
    /// <param name="hasRetryInfo">Whether the status came with a <c>google.rpc.RetryInfo</c>.</param>
    public static bool IsRetryable(this GrpcStatusCode code, bool hasRetryInfo) => code switch
    {
        GrpcStatusCode.Cancelled or GrpcStatusCode.DeadlineExceeded or GrpcStatusCode.Aborted
            or GrpcStatusCode.OutOfRange or GrpcStatusCode.Unavailable or GrpcStatusCode.DataLoss => true,
        GrpcStatusCode.ResourceExhausted => hasRetryInfo,
        _ => false,
    };

    /// <summary>The code as a reason label.</summary>
    /// <param name="code">The status.</param>
    public static string Reason(this GrpcStatusCode code) => code switch
    {
        GrpcStatusCode.Ok => "ok",
        GrpcStatusCode.Cancelled => "cancelled",
        GrpcStatusCode.InvalidArgument => "invalid_argument",
        GrpcStatusCode.DeadlineExceeded => "deadline_exceeded",
        GrpcStatusCode.NotFound => "not_found",
        GrpcStatusCode.AlreadyExists => "already_exists",
        GrpcStatusCode.PermissionDenied => "permission_denied",
        GrpcStatusCode.ResourceExhausted => "resource_exhausted",
        GrpcStatusCode.FailedPrecondition => "failed_precondition",
        GrpcStatusCode.Aborted => "aborted",
        GrpcStatusCode.OutOfRange => "out_of_range",
        GrpcStatusCode.Unimplemented => "unimplemented",
        GrpcStatusCode.Internal => "internal",
        GrpcStatusCode.Unavailable => "unavailable",
        GrpcStatusCode.DataLoss => "data_loss",
        GrpcStatusCode.Unauthenticated => "unauthenticated",
        _ => "unknown",
    };

    /// <summary>
    /// What an HTTP status says where a proxy answered without a gRPC status
    /// (<c>grpc/doc/http-grpc-status-mapping.md</c>).
    /// </summary>
    /// <param name="status">The HTTP status, not 200.</param>
    public static GrpcStatusCode FromHttp(int status) => status switch
    {
        400 => GrpcStatusCode.Internal,
        401 => GrpcStatusCode.Unauthenticated,
        403 => GrpcStatusCode.PermissionDenied,
        404 => GrpcStatusCode.Unimplemented,
        429 or 502 or 503 or 504 => GrpcStatusCode.Unavailable,
        _ => GrpcStatusCode.Unknown,
    };
}
