namespace TelemetryPipeline.Receiver.Intake;

/// <summary>The gRPC status codes that the receiver answers with (<c>google/rpc/code.proto</c>).</summary>
internal enum GrpcCode : byte
{
    /// <summary>Success, also a partial one.</summary>
    Ok = 0,

    /// <summary>The client went away.</summary>
    Cancelled = 1,

    /// <summary>The request is malformed.</summary>
    InvalidArgument = 3,

    /// <summary>The client's deadline passed.</summary>
    DeadlineExceeded = 4,

    /// <summary>Too large, or (with a delay to wait) too much.</summary>
    ResourceExhausted = 8,

    /// <summary>No such method, or an encoding that is not supported.</summary>
    Unimplemented = 12,

    /// <summary>Not now.</summary>
    Unavailable = 14,
}
