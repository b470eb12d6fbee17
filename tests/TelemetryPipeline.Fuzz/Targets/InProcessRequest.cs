using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace TelemetryPipeline.Fuzz.Targets;

/// <summary>A request and the answer to it, without a connection.</summary>
internal sealed class InProcessRequest : IRequestBodyPipeFeature, IHttpResponseTrailersFeature, IHttpRequestLifetimeFeature, IDisposable
{
    private readonly Pipe _body = new(new PipeOptions(pauseWriterThreshold: 0));
    private readonly MemoryStream _answer = new();

    public InProcessRequest(string method, string path)
    {
        Request = new HttpRequestFeature { Method = method, Path = path, Protocol = HttpProtocol.Http2, Scheme = "http", RawTarget = path };
        Response = new HttpResponseFeature { Headers = new HeaderDictionary() };
        Features.Set<IHttpRequestFeature>(Request);
        Features.Set<IHttpResponseFeature>(Response);
        Features.Set<IRequestBodyPipeFeature>(this);
        Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(_answer));
        Features.Set<IHttpResponseTrailersFeature>(this);
        Features.Set<IHttpRequestLifetimeFeature>(this);
    }

    public FeatureCollection Features { get; } = [];

    public HttpRequestFeature Request { get; }

    public HttpResponseFeature Response { get; }

    public PipeReader Reader => _body.Reader;

    public IHeaderDictionary Trailers { get; set; } = new HeaderDictionary();

    public CancellationToken RequestAborted { get; set; }

    public bool IsAborted { get; private set; }

    public void Abort() => IsAborted = true;

    public void Dispose() => _answer.Dispose();

    /// <summary>Delivers the body.</summary>
    /// <param name="body">All of it.</param>
    /// <param name="pieces">How many writes it takes.</param>
    /// <param name="end">How it ends; null for well.</param>
    public void Deliver(byte[] body, int pieces, Exception? end)
    {
        var size = Math.Max(1, (body.Length + pieces - 1) / pieces);
        for (var at = 0; at < body.Length; at += size)
        {
            _body.Writer.Write(body.AsSpan(at, Math.Min(size, body.Length - at)));
        }

        // A pipe that completes in the same turn is read in one piece; its segments are what differs.
        _body.Writer.Complete(end);
    }

    /// <summary>The body of the answer.</summary>
    public byte[] Answer()
    {
        Features.Get<IHttpResponseBodyFeature>()!.Writer.FlushAsync().AsTask().GetAwaiter().GetResult();
        return _answer.ToArray();
    }
}
