using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Sending;

namespace TelemetryPipeline.Exporters.Otlp.Http;

/// <summary>Reads the answer of an OTLP/HTTP server. No state, no I/O.</summary>
internal static class HttpAnswer
{
    /// <summary>The reason when a request is longer than the server takes: the sender splits it.</summary>
    public const string TooLarge = "too_large";

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

    /// <summary>Whether OTLP allows to send a request again: these four and no other.</summary>
    /// <param name="status">The HTTP status.</param>
    public static bool IsRetryable(int status) => status is 429 or 502 or 503 or 504;

    /// <summary>The status as a reason label.</summary>
    /// <param name="status">The HTTP status, not a success.</param>
    public static string Reason(int status) => status switch
    {
        400 => "bad_request",
        401 => SendReasons.Unauthenticated,
        403 => SendReasons.PermissionDenied,
        404 => SendReasons.NotFound,
        405 or 501 => SendReasons.Unimplemented,
        413 => TooLarge,
        415 => "unsupported_media_type",
        429 => "too_many_requests",
        500 => "internal",
        502 => "bad_gateway",
        503 => "unavailable",
        504 => "gateway_timeout",
        >= 300 and < 400 => "redirect",
        >= 400 and < 500 => "client_error",
        >= 500 => "server_error",
        _ => "protocol_error",
    };

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

        if (!IsRetryable(status))
        {
            return ConsumeResult.Rejected(Reason(status), message, Math.Max(itemCount, 1));
        }

        var wait = RetryAfter(response, now) ?? delay ?? TimeSpan.Zero;
        return ConsumeResult.Retry(Reason(status), message, wait < TimeSpan.Zero ? TimeSpan.Zero : wait);
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

    // Seconds or an HTTP date (RFC 9110, 10.2.3); anything else is as if it were absent.
    private static TimeSpan? RetryAfter(HttpResponseMessage response, DateTimeOffset now) =>
        response.Headers.RetryAfter is not { } header ? null : header.Delta ?? (header.Date - now);
}
