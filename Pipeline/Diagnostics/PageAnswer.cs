using System.Buffers;
using System.Text;

namespace TelemetryPipeline.Pipeline.Diagnostics;

/// <summary>What a <see cref="PageServer"/> answers; 404 until filled in.</summary>
public sealed class PageAnswer
{
    /// <summary>The HTTP status.</summary>
    public int StatusCode { get; set; } = 404;

    /// <summary>The media type of the body.</summary>
    public string ContentType { get; set; } = "text/plain; charset=utf-8";

    /// <summary>The body.</summary>
    public ArrayBufferWriter<byte> Body { get; } = new();

    /// <summary>Answers with a short text.</summary>
    /// <param name="statusCode">The HTTP status.</param>
    /// <param name="text">The body.</param>
    public void Text(int statusCode, string text)
    {
        StatusCode = statusCode;
        Encoding.UTF8.GetBytes(text, Body);
    }
}
