using TelemetryPipeline.Pipeline.Sending;

namespace TelemetryPipeline.Exporters.Outbound;

/// <summary>What the status and headers of an HTTP answer mean to an exporter.</summary>
internal static class HttpStatus
{
    /// <summary>Whether a request may be sent again by OTLP's rules: after these four and no other.</summary>
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
        413 => BatchHalves.TooLarge,
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

    /// <summary>How long the server wants to be left alone: seconds or an HTTP date (RFC 9110, 10.2.3).</summary>
    /// <param name="response">The answer.</param>
    /// <param name="now">The time, for a date.</param>
    /// <returns>Negative for a date that has passed; null where nothing readable is said.</returns>
    public static TimeSpan? RetryAfter(HttpResponseMessage response, DateTimeOffset now) =>
        response.Headers.RetryAfter is not { } header ? null : header.Delta ?? (header.Date - now);
}
