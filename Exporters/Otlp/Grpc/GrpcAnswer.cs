using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Exporters.Otlp.Grpc;

/// <summary>Reads the answer of a gRPC server to an export (<c>grpc/doc/PROTOCOL-HTTP2.md</c>). No state, no I/O.</summary>
internal static class GrpcAnswer
{
    private const string StatusHeader = "grpc-status";
    private const string MessageHeader = "grpc-message";
    private const string DetailsHeader = "grpc-status-details-bin";

    /// <summary>What an answer means.</summary>
    /// <param name="response">The answer, its body read to the end.</param>
    /// <param name="body">The body.</param>
    /// <param name="itemCount">Items that were sent.</param>
    public static Answer Read(HttpResponseMessage response, ReadOnlySpan<byte> body, int itemCount)
    {
        // An answer of trailers only has its status in the first headers.
        var trailers = Find(response.Headers, StatusHeader) is null ? response.TrailingHeaders : response.Headers;
        if (Find(trailers, StatusHeader) is not { } text)
        {
            return WithoutStatus(response, itemCount);
        }

        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            number = (int)GrpcStatusCode.Unknown;
        }

        return number == (int)GrpcStatusCode.Ok
            ? ReadMessage(body, itemCount)
            : ReadFailure((GrpcStatusCode)number, trailers, itemCount);
    }

    private static Answer WithoutStatus(HttpResponseMessage response, int itemCount)
    {
        if (response.StatusCode == HttpStatusCode.OK)
        {
            // Whether the server took the data is unknown; sending it again is what at-least-once means.
            return new Answer(ConsumeResult.Retry(
                "protocol_error", "the server ended the answer without a grpc-status"));
        }

        if (response.StatusCode == HttpStatusCode.RequestEntityTooLarge)
        {
            return new Answer(ConsumeResult.Rejected(
                BatchHalves.TooLarge, "HTTP status 413 without a grpc-status", Math.Max(itemCount, 1)));
        }

        var code = GrpcStatusCodes.FromHttp((int)response.StatusCode);
        return new Answer(Outcome(
            code, hasRetryInfo: false, TimeSpan.Zero, $"HTTP status {(int)response.StatusCode} without a grpc-status", itemCount));
    }

    private static Answer ReadFailure(GrpcStatusCode code, HttpResponseHeaders trailers, int itemCount)
    {
        var message = Uri.UnescapeDataString(Find(trailers, MessageHeader) ?? "");
        TimeSpan? delay = null;
        if (Find(trailers, DetailsHeader) is { } details && TryDecode(details, out var bytes)
            && RpcStatusCodec.TryRead(bytes, out var status))
        {
            delay = status.RetryAfter;
            message = message.Length == 0 ? status.Message : message;
        }

        return new Answer(Outcome(code, delay is not null, delay ?? TimeSpan.Zero, ServerMessage.Clean(message), itemCount));
    }

    private static ConsumeResult Outcome(
        GrpcStatusCode code, bool hasRetryInfo, TimeSpan delay, string message, int itemCount)
    {
        var reason = code.Reason();
        var sentence = $"the server answered {reason}: {message}";
        if (!hasRetryInfo && GrpcSizeRefusal.IsOne(code, message))
        {
            return ConsumeResult.Rejected(BatchHalves.TooLarge, sentence, Math.Max(itemCount, 1));
        }

        return code.IsRetryable(hasRetryInfo)
            ? ConsumeResult.Retry(reason, sentence, delay < TimeSpan.Zero ? TimeSpan.Zero : delay)
            : ConsumeResult.Rejected(reason, sentence, Math.Max(itemCount, 1));
    }

    private static Answer ReadMessage(ReadOnlySpan<byte> body, int itemCount)
    {
        var problem = "";
        if (body.Length < PayloadContent.GrpcPrefixLength)
        {
            problem = $"its body has {body.Length} bytes, less than the prefix of a message";
        }
        else if (body[0] != 0)
        {
            problem = "its message is compressed, which was not offered";
        }
        else if (BinaryPrimitives.ReadUInt32BigEndian(body[1..]) != body.Length - PayloadContent.GrpcPrefixLength)
        {
            problem = "the length in its prefix is not the length of its message";
        }
        else if (body.Length == PayloadContent.GrpcPrefixLength)
        {
            return Answer.Accepted;
        }
        else if (OtlpResponse.TryRead(body[PayloadContent.GrpcPrefixLength..], out var outcome))
        {
            return Answer.Of(outcome, itemCount);
        }
        else
        {
            problem = "its message is no export response";
        }

        return new Answer(ConsumeResult.Rejected(
            Answer.InvalidResponse, $"the server answered OK, but {problem}", Math.Max(itemCount, 1)));
    }

    // Binary headers are base64 with or without padding.
    private static bool TryDecode(string base64, out byte[] bytes)
    {
        bytes = [];
        var padded = base64.TrimEnd('=');
        padded = padded.PadRight(padded.Length + ((4 - (padded.Length % 4)) % 4), '=');
        var buffer = new byte[padded.Length];
        if (!Convert.TryFromBase64String(padded, buffer, out var length))
        {
            return false;
        }

        bytes = buffer[..length];
        return true;
    }

    private static string? Find(HttpResponseHeaders headers, string name)
    {
        if (headers.NonValidated.TryGetValues(name, out var values))
        {
            foreach (var value in values)
            {
                return value;
            }
        }

        return null;
    }
}
