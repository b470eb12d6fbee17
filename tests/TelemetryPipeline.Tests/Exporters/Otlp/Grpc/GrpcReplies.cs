using System.Buffers.Binary;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Microsoft.AspNetCore.Http;
using OpenTelemetry.Proto.Collector.Trace.V1;

namespace TelemetryPipeline.Tests.Exporters.Otlp.Grpc;

/// <summary>What a gRPC server may answer, on the wire.</summary>
internal static class GrpcReplies
{
    public static readonly byte[] EmptyMessage = [0, 0, 0, 0, 0];

    public static Func<HttpContext, Task> Ok(IMessage? response = null) => async context =>
    {
        Begin(context);
        await context.Response.Body.WriteAsync(Frame(response ?? new ExportTraceServiceResponse()));
        context.Response.AppendTrailer("grpc-status", "0");
    };

    /// <summary>A status in the trailers, or (<paramref name="trailersOnly"/>) in the only headers.</summary>
    public static Func<HttpContext, Task> Status(
        int code, string message = "", TimeSpan? retryAfter = null, bool trailersOnly = true) => async context =>
    {
        Begin(context);
        var fields = new List<(string, string)> { ("grpc-status", $"{code}"), ("grpc-message", Uri.EscapeDataString(message)) };
        if (retryAfter is { } delay)
        {
            var status = new Status { Code = code, Message = message };
            status.Details.Add(Any.Pack(new RetryInfo { RetryDelay = Duration.FromTimeSpan(delay) }));
            fields.Add(("grpc-status-details-bin", Convert.ToBase64String(status.ToByteArray()).TrimEnd('=')));
        }

        if (!trailersOnly)
        {
            await context.Response.StartAsync();
        }

        foreach (var (name, value) in fields)
        {
            if (trailersOnly)
            {
                context.Response.Headers[name] = value;
            }
            else
            {
                context.Response.AppendTrailer(name, value);
            }
        }
    };

    /// <summary>Status OK behind a body that is not what it should be.</summary>
    public static Func<HttpContext, Task> OkWithBody(byte[] body) => async context =>
    {
        Begin(context);
        await context.Response.Body.WriteAsync(body);
        context.Response.AppendTrailer("grpc-status", "0");
    };

    public static void Begin(HttpContext context) => context.Response.ContentType = "application/grpc";

    public static byte[] Frame(IMessage message)
    {
        var bytes = message.ToByteArray();
        var frame = new byte[bytes.Length + 5];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), bytes.Length);
        bytes.CopyTo(frame, 5);
        return frame;
    }

    /// <summary>The one message of a request body.</summary>
    public static (bool Compressed, byte[] Message) Unframe(byte[] body)
    {
        Assert.Equal(body.Length - 5, BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(1)));
        return (body[0] == 1, body[5..]);
    }
}
