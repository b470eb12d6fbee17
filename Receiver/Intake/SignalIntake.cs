using Microsoft.Extensions.Logging;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Receiver.Intake;

/// <summary>
/// What becomes of the export requests of one signal over one transport: admission, validation, handing on, and the
/// answer. Knows neither gRPC nor HTTP.
/// </summary>
internal sealed partial class SignalIntake
{
    /// <summary>The reason of a refusal that is about a rate rather than about room: answered with 429.</summary>
    public const string RateLimited = "rate_limited";

    private readonly Outlet _outlet;
    private readonly ByteBudget _budget;
    private readonly ILogger _log;
    private readonly IntakeCounters _counters;

    public SignalIntake(Signal signal, string transport, Outlet outlet, ByteBudget budget, ComponentContext context)
    {
        Signal = signal;
        _outlet = outlet;
        _budget = budget;
        _log = context.Loggers.CreateLogger<OtlpReceiver>();
        _counters = new IntakeCounters(signal, transport, context);
    }

    public Signal Signal { get; }

    /// <summary>Whether a pipeline takes the signal.</summary>
    public bool IsServed => _outlet.IsConnected;

    /// <summary>Asks, before the body is read, whether the request would be taken.</summary>
    /// <param name="refusal">The answer, where it would not.</param>
    public bool TryAdmit(out ExportReply refusal)
    {
        if (_budget.IsExhausted)
        {
            refusal = Refuse(BodyProblem.NoRoom, 0);
            return false;
        }

        var admission = _outlet.Admit(Signal);
        if (admission.IsAccepted)
        {
            refusal = default;
            return true;
        }

        _counters.Refused(admission.Reason, 0);
        refusal = RetryReply(admission);
        return false;
    }

    /// <summary>The answer to a body that could not be taken in.</summary>
    /// <param name="problem">What is wrong with it.</param>
    /// <param name="limitBytes">The size it may have.</param>
    public ExportReply Refuse(BodyProblem problem, long limitBytes)
    {
        switch (problem)
        {
            case BodyProblem.NoRoom:
                _counters.Refused("in_flight_bytes", 0);
                return ExportReply.Retry(GrpcCode.Unavailable, "too many bytes of requests are in flight", default);
            case BodyProblem.TooLarge:
                _counters.Failed("too_large");
                return ExportReply.Failed(GrpcCode.ResourceExhausted, $"the request exceeds the limit of {limitBytes} bytes");
            case BodyProblem.Aborted:
                _counters.Failed("aborted");
                return ExportReply.Failed(GrpcCode.Cancelled, "the request ended early");
            case BodyProblem.TimedOut:
                _counters.Failed("timed_out");
                return ExportReply.Retry(GrpcCode.Unavailable, "the request body did not arrive in time", default);
            case BodyProblem.BadFraming:
                _counters.Failed("incomplete");
                return ExportReply.Failed(GrpcCode.InvalidArgument, "the body ends early or is not framed as HTTP requires");
            default:
                return Malformed(problem switch
                {
                    BodyProblem.Damaged => "the body cannot be decompressed",
                    BodyProblem.Truncated => "the body is shorter than declared",
                    _ => "the body is longer than declared",
                });
        }
    }

    /// <summary>The answer to a request that is not OTLP.</summary>
    public ExportReply Malformed(string problem)
    {
        _counters.Failed("malformed");
        return ExportReply.Failed(GrpcCode.InvalidArgument, problem);
    }

    /// <summary>The answer to a request in an encoding that is not spoken here.</summary>
    public ExportReply Unsupported(string problem)
    {
        _counters.Failed("unsupported_encoding");
        return ExportReply.Failed(GrpcCode.Unimplemented, problem);
    }

    /// <summary>The answer to a request on which a component threw: the data may be sent again, so that none is lost.</summary>
    /// <param name="e">What was thrown.</param>
    /// <param name="itemCount">The request's items; 0 where they were not counted yet.</param>
    public ExportReply FailUnexpectedly(Exception e, int itemCount)
    {
        _counters.FailedInside(itemCount);
        LogPipelineFailed(_log, e, Signal);
        return ExportReply.Retry(GrpcCode.Unavailable, "unexpected error in the collector", default);
    }

    /// <summary>Validates the protobuf request in the buffer and hands it on.</summary>
    /// <param name="body">The request; its array is given away.</param>
    /// <param name="metadata">The request's headers, where they are to be kept.</param>
    /// <param name="cancellation">The client went away or its deadline passed.</param>
    public ValueTask<ExportReply> ExportAsync(BodyBuffer body, RequestMetadata? metadata, CancellationToken cancellation)
    {
        if (!OtlpRequest.TryValidate(Signal, body.Written, out var itemCount, out var refused, out var error))
        {
            return new(Malformed($"not an OTLP request: {error.Problem} at byte {error.Offset}"));
        }

        if (refused is not null)
        {
            body.Truncate(OtlpRequest.RemoveRefused(body.Changeable, refused));
        }

        return ForwardAsync(body, itemCount, refused, metadata, cancellation);
    }

    /// <summary>Translates the JSON request in one buffer into another and hands it on.</summary>
    /// <param name="json">The request; stays the caller's.</param>
    /// <param name="body">Takes the protobuf form; its array is given away.</param>
    /// <param name="limitBytes">The size the protobuf form may have.</param>
    /// <param name="metadata">The request's headers, where they are to be kept.</param>
    /// <param name="cancellation">The client went away or its deadline passed.</param>
    public ValueTask<ExportReply> ExportJsonAsync(
        BodyBuffer json, BodyBuffer body, int limitBytes, RequestMetadata? metadata, CancellationToken cancellation)
    {
        body.Begin(limitBytes);
        int itemCount;
        RefusedItems? refused;
        try
        {
            if (!OtlpRequest.TryReadJson(Signal, json.Written, body, out itemCount, out refused, out var error))
            {
                return new(Malformed($"not an OTLP/JSON request: {error.Problem} at byte {error.Offset}"));
            }
        }
        catch (BodyLimitException)
        {
            return new(Refuse(body.Problem, limitBytes));
        }

        return ForwardAsync(body, itemCount, refused, metadata, cancellation);
    }

    private async ValueTask<ExportReply> ForwardAsync(
        BodyBuffer body, int itemCount, RefusedItems? refused, RequestMetadata? metadata, CancellationToken cancellation)
    {
        // An empty request is a success (OTLP 1.11, "OTLP/gRPC Response"); there is nothing to forward.
        if (itemCount == 0)
        {
            return Answer(ConsumeResult.Accepted, 0, refused, cancellation);
        }

        var indexBytes = WorkingMemory.IndexBytes(Signal, body.Written, itemCount);
        if (!TryTakeMemory(indexBytes, body.Length, itemCount + (refused?.Count ?? 0), out var refusal))
        {
            return refusal;
        }

        using var batch = new OtlpBatch(body.Detach(Signal, itemCount), metadata);
        ConsumeResult result;
        try
        {
            result = await _outlet.ConsumeAsync(batch, cancellation).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            return FailUnexpectedly(e, itemCount + (refused?.Count ?? 0));
        }
        finally
        {
            WorkingMemory.Process.Return(indexBytes);
        }

        return Answer(result, itemCount, refused, cancellation);
    }

    /// <summary>Takes what the pipelines need to look into the request, before any of it is built.</summary>
    private bool TryTakeMemory(long indexBytes, int length, int itemCount, out ExportReply refusal)
    {
        if (indexBytes > Math.Min(WorkingMemory.IndexLimit(length), WorkingMemory.Process.LimitBytes))
        {
            refusal = RefuseTooExpensive(
                itemCount, $"{itemCount} items in {length} bytes need {indexBytes} bytes of memory, more than a request of this length may take");
            return false;
        }

        var hasMemory = WorkingMemory.Process.TryTake(indexBytes);
        refusal = default;
        if (!hasMemory)
        {
            _counters.Refused(WorkingMemory.Exhausted, itemCount);
            refusal = ExportReply.Retry(GrpcCode.Unavailable, "the pipelines work on as much as memory allows", default);
        }

        return hasMemory;
    }

    private ExportReply RefuseTooExpensive(int itemCount, string message)
    {
        _counters.Refused(WorkingMemory.TooExpensive, itemCount);
        return ExportReply.Failed(GrpcCode.ResourceExhausted, message);
    }

    private ExportReply Answer(in ConsumeResult result, int itemCount, RefusedItems? refused, CancellationToken cancellation)
    {
        var invalidCount = refused?.Count ?? 0;
        switch (result.Outcome)
        {
            case ConsumeOutcome.Rejected when result.Reason == WorkingMemory.TooExpensive && result.RejectedCount == itemCount:
                return RefuseTooExpensive(itemCount + invalidCount, result.Message);
            case ConsumeOutcome.Accepted when refused is null:
                _counters.Accepted(itemCount);
                return ExportReply.Success;
            case ConsumeOutcome.Accepted:
                _counters.PartlyRefused(refused.Reason, itemCount, 0, refused);
                return ExportReply.Partial(invalidCount, refused.ToString());
            case ConsumeOutcome.Rejected:
                // A component that counts wrongly must not make the counters disagree.
                var rejected = Math.Clamp(result.RejectedCount, 0, itemCount);
                _counters.PartlyRefused(result.Reason, itemCount - rejected, rejected, refused);
                return ExportReply.Partial(
                    rejected + invalidCount, refused is null ? result.Message : $"{result.Message}; {refused}");
            default:
                // The whole request comes again, and what is invalid in it is reported then.
                _counters.Refused(result.Reason, itemCount + invalidCount);
                return cancellation.IsCancellationRequested
                    ? ExportReply.Failed(GrpcCode.DeadlineExceeded, result.Message)
                    : RetryReply(result);
        }
    }

    private static ExportReply RetryReply(in ConsumeResult result) => ExportReply.Retry(
        result.Reason == RateLimited ? GrpcCode.ResourceExhausted : GrpcCode.Unavailable, result.Message, result.RetryAfter);

    [LoggerMessage(LogLevel.Error, "Unexpected error in the {Signal} pipeline; returning a retryable error to the sender")]
    private static partial void LogPipelineFailed(ILogger logger, Exception e, Signal signal);
}
