using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Exporters.Otlp.Http;

/// <summary>Reads the answer of an OTLP/HTTP server. No state, no I/O.</summary>
internal static class HttpAnswer
{
    private const string ProtobufType = "application/x-protobuf";
    private const string JsonType = "application/json";

    /// <summary>What an answer means.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="body">Its body as far as it was read.</param>
    /// <param name="isWhole">Whether the body was read to its end.</param>
    /// <param name="signal">What was sent.</param>
    /// <param name="itemCount">How many items were sent.</param>
    /// <param name="now">The time, for a <c>Retry-After</c> that is a date.</param>
    public static Answer Read(
        HttpResponseMessage response, ReadOnlySpan<byte> body, bool isWhole, Signal signal, int itemCount, DateTimeOffset now)
    {
        var status = (int)response.StatusCode;
        var type = response.Content.Headers.ContentType?.MediaType ?? "";
        return status is >= 200 and <= 299
            ? ReadSuccess(type, body, isWhole, signal, itemCount)
            : new Answer(ReadFailure(response, type, body, itemCount, now));
    }

    private static Answer ReadSuccess(string type, ReadOnlySpan<byte> body, bool isWhole, Signal signal, int itemCount)
    {
        // A full success is an empty message; some servers answer with a text of their own, which says nothing to us.
        if (body.IsEmpty || (type is not ProtobufType and not JsonType))
        {
            return Answer.Accepted;
        }

        ExportOutcome outcome = default;
        var readable = isWhole && (type == ProtobufType
            ? OtlpResponse.TryRead(body, out outcome)
            : OtlpResponse.TryReadJson(signal, body, out outcome));
        return readable
            ? Answer.Of(outcome, itemCount)
            : new Answer(ConsumeResult.Rejected(
                Answer.InvalidResponse,
                isWhole
                    ? "the server answered success with a body that is no export response"
                    : "the server answered success with a body that is too long to read",
                Math.Max(itemCount, 1)));
    }

    private static ConsumeResult ReadFailure(
        HttpResponseMessage response, string type, ReadOnlySpan<byte> body, int itemCount, DateTimeOffset now)
    {
        var status = (int)response.StatusCode;
        var message = $"the server answered HTTP {status}";
        TimeSpan? delay = null;
        if (ReadStatus(type, body) is { } details)
        {
            message = $"{message}: {ServerMessage.Clean(details.Message)}";
            delay = details.RetryAfter;
        }
        else if (status is >= 300 and < 400 && response.Headers.Location is { } location)
        {
            message = $"{message}: redirects are not followed; it points to {ServerMessage.Clean(location.ToString())}";
        }

        if (!HttpStatus.IsRetryable(status))
        {
            return ConsumeResult.Rejected(HttpStatus.Reason(status), message, Math.Max(itemCount, 1));
        }

        var wait = HttpStatus.RetryAfter(response, now) ?? delay ?? TimeSpan.Zero;
        return ConsumeResult.Retry(HttpStatus.Reason(status), message, wait < TimeSpan.Zero ? TimeSpan.Zero : wait);
    }

    private static RpcStatus? ReadStatus(string type, ReadOnlySpan<byte> body)
    {
        RpcStatus? status = null;
        var readable = !body.IsEmpty && type switch
        {
            ProtobufType => RpcStatusCodec.TryRead(body, out status),
            JsonType => RpcStatusCodec.TryReadJson(body, out status),
            _ => false,
        };
        return readable ? status : null;
    }
}
