using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Receiver.Intake;

namespace TelemetryPipeline.Receiver.Http;

/// <summary>Writes answers as OTLP/HTTP does: an export response or a <c>Status</c>, in the encoding of the request.</summary>
internal static class HttpReply
{
    private const string ProtobufType = "application/x-protobuf";
    private const string JsonType = "application/json";
    private const string TextType = "text/plain; charset=utf-8";

    /// <summary>Finds the encoding that a content type names; parameters do not matter.</summary>
    public static BodyEncoding EncodingOf(ReadOnlySpan<char> contentType)
    {
        var end = contentType.IndexOf(';');
        var type = (end < 0 ? contentType : contentType[..end]).Trim();
        if (type.Equals(ProtobufType, StringComparison.OrdinalIgnoreCase))
        {
            return BodyEncoding.Protobuf;
        }

        return type.Equals(JsonType, StringComparison.OrdinalIgnoreCase) ? BodyEncoding.Json : BodyEncoding.Unknown;
    }

    /// <summary>The HTTP status of a gRPC status.</summary>
    public static int StatusCodeOf(GrpcCode code) => code switch
    {
        GrpcCode.Ok => StatusCodes.Status200OK,
        GrpcCode.ResourceExhausted => StatusCodes.Status429TooManyRequests,
        GrpcCode.Unavailable or GrpcCode.DeadlineExceeded => StatusCodes.Status503ServiceUnavailable,
        GrpcCode.Unimplemented => StatusCodes.Status404NotFound,
        _ => StatusCodes.Status400BadRequest,
    };

    /// <summary>Writes the answer to a request that was understood.</summary>
    public static Task WriteAsync(
        IFeatureCollection features, IHttpResponseFeature response, BodyEncoding encoding, Signal signal, in ExportReply reply)
    {
        if (!reply.IsSuccess)
        {
            // Without a delay it is the request that is too large, and not too many of them.
            var statusCode = reply is { Code: GrpcCode.ResourceExhausted, RetryAfter: null }
                ? StatusCodes.Status413PayloadTooLarge
                : StatusCodeOf(reply.Code);
            return WriteStatusAsync(features, response, encoding, statusCode, reply);
        }

        response.StatusCode = StatusCodes.Status200OK;
        if (encoding == BodyEncoding.Json)
        {
            response.Headers.ContentType = JsonType;
            return WriteBodyAsync(features, response, reply.Outcome.IsFullSuccess ? "{}"u8 : Json(signal, reply.Outcome));
        }

        response.Headers.ContentType = ProtobufType;
        return WriteBodyAsync(features, response, reply.Outcome.IsFullSuccess ? default : Protobuf(reply.Outcome));
    }

    /// <summary>Writes the answer to a request that failed.</summary>
    public static Task WriteStatusAsync(
        IFeatureCollection features, IHttpResponseFeature response, BodyEncoding encoding, int statusCode, in ExportReply reply)
    {
        response.StatusCode = statusCode;
        if (reply.RetryAfter is { } delay)
        {
            // Whole seconds are the finest that HTTP knows; rounded up, so that nobody comes too early.
            response.Headers.RetryAfter = ((long)Math.Ceiling(delay.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        switch (encoding)
        {
            case BodyEncoding.Protobuf:
                response.Headers.ContentType = ProtobufType;
                var body = new ArrayBufferWriter<byte>();
                RpcStatusCodec.Write(reply.ToStatus(), body);
                return WriteBodyAsync(features, response, body.WrittenSpan);
            case BodyEncoding.Json:
                response.Headers.ContentType = JsonType;
                return WriteBodyAsync(features, response, Json(reply.ToStatus()));
            default:
                response.Headers.ContentType = TextType;
                return WriteBodyAsync(features, response, Encoding.UTF8.GetBytes(reply.Message));
        }
    }

    private static ReadOnlySpan<byte> Protobuf(ExportOutcome outcome)
    {
        var body = new ArrayBufferWriter<byte>();
        OtlpResponse.Write(outcome, body);
        return body.WrittenSpan;
    }

    private static ReadOnlySpan<byte> Json(Signal signal, ExportOutcome outcome)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            OtlpResponse.WriteJson(signal, outcome, json);
        }

        return body.WrittenSpan;
    }

    private static ReadOnlySpan<byte> Json(RpcStatus status)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            RpcStatusCodec.WriteJson(status, json);
        }

        return body.WrittenSpan;
    }

    // Kestrel flushes what was written when the request ends; one write, one segment.
    private static Task WriteBodyAsync(IFeatureCollection features, IHttpResponseFeature response, ReadOnlySpan<byte> body)
    {
        response.Headers.ContentLength = body.Length;
        if (!body.IsEmpty)
        {
            features.Get<IHttpResponseBodyFeature>()!.Writer.Write(body);
        }

        return Task.CompletedTask;
    }
}
