using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Receiver.Intake;

namespace TelemetryPipeline.Receiver.Grpc;

/// <summary>Writes answers as gRPC does: a message and trailers on success, trailers alone on failure.</summary>
internal static class GrpcReply
{
    private const int PrefixLength = 5;

    private static readonly string[] CodeTexts = MakeCodeTexts();

    public static void Write(IFeatureCollection features, IHttpResponseFeature response, in ExportReply reply)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.Headers.ContentType = GrpcHeaders.ContentType;
        if (!reply.IsSuccess)
        {
            WriteStatus(response.Headers, reply);
            return;
        }

        var writer = features.Get<IHttpResponseBodyFeature>()!.Writer;
        if (reply.Outcome.IsFullSuccess)
        {
            // The empty message: not compressed, no bytes.
            writer.GetSpan(PrefixLength)[..PrefixLength].Clear();
            writer.Advance(PrefixLength);
        }
        else
        {
            var message = new ArrayBufferWriter<byte>();
            OtlpResponse.Write(reply.Outcome, message);
            var prefix = writer.GetSpan(PrefixLength);
            prefix[0] = 0;
            BinaryPrimitives.WriteInt32BigEndian(prefix[1..], message.WrittenCount);
            writer.Advance(PrefixLength);
            writer.Write(message.WrittenSpan);
        }

        features.Get<IHttpResponseTrailersFeature>()!.Trailers[GrpcHeaders.Status] = CodeTexts[(int)GrpcCode.Ok];
    }

    /// <summary>Escapes a message for a header: what is not printable ASCII, and the percent sign, as %XX of UTF-8.</summary>
    public static string PercentEncode(string message)
    {
        var encoded = new StringBuilder(message.Length);
        foreach (var b in Encoding.UTF8.GetBytes(message))
        {
            if (b is >= 0x20 and <= 0x7e and not (byte)'%')
            {
                encoded.Append((char)b);
            }
            else
            {
                encoded.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
            }
        }

        return encoded.ToString();
    }

    private static void WriteStatus(IHeaderDictionary headers, in ExportReply reply)
    {
        headers[GrpcHeaders.Status] = CodeTexts[(int)reply.Code];
        headers[GrpcHeaders.Message] = PercentEncode(reply.Message);
        if (reply.RetryAfter is not null || reply.Code == GrpcCode.InvalidArgument)
        {
            var status = new ArrayBufferWriter<byte>();
            RpcStatusCodec.Write(reply.ToStatus(), status);
            headers[GrpcHeaders.StatusDetails] = Convert.ToBase64String(status.WrittenSpan).TrimEnd('=');
        }
    }

    private static string[] MakeCodeTexts()
    {
        var texts = new string[17];
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = i.ToString(CultureInfo.InvariantCulture);
        }

        return texts;
    }
}
