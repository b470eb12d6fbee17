using System.Buffers;
using System.IO.Pipelines;
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

    /// <summary>Whether and how long the answer may be kept.</summary>
    public string CacheControl { get; set; } = "no-store";

    /// <summary>What the answer is a version of, quoted as in RFC 9110; null for none.</summary>
    public string? EntityTag { get; set; }

    /// <summary>Request headers that decide the form of the answer; null for none.</summary>
    public string? Vary { get; set; }

    /// <summary>
    /// Writes an answer without end, instead of the body: gets the connection and a token that fires when the client is
    /// gone; returns false to cut the connection off. Null for an ordinary answer.
    /// </summary>
    public Func<PipeWriter, CancellationToken, Task<bool>>? Stream { get; set; }

    /// <summary>Whether the client has this version already, so that 304 is all it needs.</summary>
    /// <param name="request">What it asked for.</param>
    public bool IsUnchangedFor(PageRequest request)
    {
        if (EntityTag is null || StatusCode != 200)
        {
            return false;
        }

        foreach (var range in request.IfNoneMatch.AsSpan().Split(','))
        {
            var tag = request.IfNoneMatch.AsSpan(range).Trim();
            if (tag is "*" || WithoutWeakness(tag).SequenceEqual(WithoutWeakness(EntityTag)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Answers with a short text.</summary>
    /// <param name="statusCode">The HTTP status.</param>
    /// <param name="text">The body.</param>
    public void Text(int statusCode, string text)
    {
        StatusCode = statusCode;
        Encoding.UTF8.GetBytes(text, Body);
    }

    // RFC 9110, 13.1.2: If-None-Match compares weakly.
    private static ReadOnlySpan<char> WithoutWeakness(ReadOnlySpan<char> tag) =>
        tag.StartsWith("W/", StringComparison.Ordinal) ? tag[2..] : tag;
}
