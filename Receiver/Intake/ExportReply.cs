using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Receiver.Intake;

/// <summary>The answer to an export request, before it is put into the words of a transport.</summary>
/// <param name="Code">The gRPC status; HTTP's follows from it.</param>
/// <param name="Message">Why; empty on success.</param>
/// <param name="RetryAfter">When to try again; null where that would not help.</param>
/// <param name="Outcome">On success: what was not taken.</param>
internal readonly record struct ExportReply(
    GrpcCode Code, string Message, TimeSpan? RetryAfter, ExportOutcome Outcome)
{
    /// <summary>Asked of a sender when the refusing component did not say for how long.</summary>
    public static readonly TimeSpan DefaultRetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>Everything was taken.</summary>
    public static ExportReply Success => new(GrpcCode.Ok, "", null, ExportOutcome.FullSuccess);

    /// <summary>Whether the request was answered with an export response rather than a status.</summary>
    public bool IsSuccess => Code == GrpcCode.Ok;

    /// <summary>Some or all items were refused for good.</summary>
    public static ExportReply Partial(int rejected, string message) =>
        new(GrpcCode.Ok, "", null, new ExportOutcome(rejected, message));

    /// <summary>The request cannot be served, now or ever.</summary>
    public static ExportReply Failed(GrpcCode code, string message) => new(code, message, null, ExportOutcome.FullSuccess);

    /// <summary>The request may come again.</summary>
    public static ExportReply Retry(GrpcCode code, string message, TimeSpan after) =>
        new(code, message, after > TimeSpan.Zero ? after : DefaultRetryAfter, ExportOutcome.FullSuccess);

    /// <summary>The same as <c>google.rpc.Status</c>.</summary>
    public RpcStatus ToStatus() => new((int)Code, Message)
    {
        RetryAfter = RetryAfter,
        Violations = Code == GrpcCode.InvalidArgument ? [new FieldViolation("body", Message)] : [],
    };
}
