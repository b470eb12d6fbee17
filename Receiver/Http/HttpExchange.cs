using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using TelemetryPipeline.Pipeline.Listening;
using TelemetryPipeline.Receiver.Decompression;
using TelemetryPipeline.Receiver.Intake;

namespace TelemetryPipeline.Receiver.Http;

/// <summary>One request and its answer. Reused by the requests that follow on the same connection or stream object.</summary>
internal sealed class HttpExchange(HttpApplication application, ByteBudget budget)
{
    private readonly BodyBuffer _body = new(budget);
    private readonly BodyBuffer _decompressed = new(budget);
    private readonly BodyBuffer _translated = new(budget);
    private readonly BodyArrival _arrival = new(application.Arriving);
    private readonly ForwardDeadline _deadline = new(application.Time);
    private IFeatureCollection _features = null!;
    private IHttpRequestFeature _request = null!;
    private IHttpResponseFeature _response = null!;
    private ListenerConnection? _connection;

    public HttpExchange Begin(IFeatureCollection features)
    {
        _features = features;
        _request = features.Get<IHttpRequestFeature>()!;
        _response = features.Get<IHttpResponseFeature>()!;
        _connection = features.Get<ListenerConnection>();
        _connection?.BeginRequest();

        // Kestrel's default is 200: a path that sets no status must not look like an accepted request.
        _response.StatusCode = StatusCodes.Status500InternalServerError;
        return this;
    }

    /// <summary>Ends what the request holds. Called again when Kestrel is done with it, which may be much later.</summary>
    public void End()
    {
        _body.Release();
        _decompressed.Release();
        _translated.Release();
        _connection?.EndRequest();
        _connection = null;
    }

    public Task RunAsync()
    {
        var config = application.Config;
        foreach (var (name, value) in config.ResponseHeaders)
        {
            _response.Headers[name] = value;
        }

        if (!config.KeepAlivesEnabled && _request.Protocol != HttpProtocol.Http2)
        {
            _response.Headers.Connection = "close";
        }

        if (application.Cors?.Answer(_request, _response) == true)
        {
            return Task.CompletedTask;
        }

        var encoding = HttpReply.EncodingOf(_request.Headers.ContentType.ToString());
        if (application.Find(_request.Path) is not { } intake)
        {
            return RefuseAsync(encoding, StatusCodes.Status404NotFound, GrpcCode.Unimplemented, "404 page not found");
        }

        if (_request.Method != "POST")
        {
            _response.Headers.Allow = "POST";
            return RefuseAsync(
                encoding, StatusCodes.Status405MethodNotAllowed, GrpcCode.Unimplemented, "405 method not allowed, supported: [POST]");
        }

        if (encoding == BodyEncoding.Unknown)
        {
            intake.Unsupported("");
            return RefuseAsync(
                encoding, StatusCodes.Status415UnsupportedMediaType, GrpcCode.InvalidArgument,
                "415 unsupported media type, supported: [application/json, application/x-protobuf]");
        }

        return ServeAsync(intake, encoding);
    }

    private Task RefuseAsync(BodyEncoding encoding, int statusCode, GrpcCode code, string message) =>
        HttpReply.WriteStatusAsync(_features, _response, encoding, statusCode, ExportReply.Failed(code, message));

    // What a component throws is counted and can be tried again; Kestrel would answer 500, which means that the data is lost.
    private async Task ServeAsync(SignalIntake intake, BodyEncoding encoding)
    {
        try
        {
            await ReceiveAsync(intake, encoding).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            var reply = intake.FailUnexpectedly(e, itemCount: 0);
            await HttpReply.WriteAsync(_features, _response, encoding, intake.Signal, reply).ConfigureAwait(false);
        }
    }

    private async Task ReceiveAsync(SignalIntake intake, BodyEncoding encoding)
    {
        var codings = application.Config.Codings;
        var contentEncoding = _request.Headers.ContentEncoding.ToString();
        if (!codings.TryFind(contentEncoding, out var coding))
        {
            _response.Headers.AcceptEncoding = codings.Listed;
            var unsupported = intake.Unsupported($"content encoding \"{contentEncoding}\" is not supported, supported: [{codings.Listed}]");
            await HttpReply.WriteStatusAsync(
                _features, _response, encoding, StatusCodes.Status415UnsupportedMediaType, unsupported).ConfigureAwait(false);
            return;
        }

        if (!intake.TryAdmit(out var reply))
        {
            await HttpReply.WriteAsync(_features, _response, encoding, intake.Signal, reply).ConfigureAwait(false);
            return;
        }

        var limit = application.Config.MaxBodyBytes;
        var (problem, body) = await ReadBodyAsync(coding, limit).ConfigureAwait(false);
        if (problem is BodyProblem.Aborted or BodyProblem.TimedOut)
        {
            // No answer: senders retry after a disconnect, and would drop the data after a 408.
            intake.Refuse(problem, limit);
            _features.Get<IHttpRequestLifetimeFeature>()!.Abort();
            return;
        }

        if (problem != BodyProblem.None)
        {
            reply = intake.Refuse(problem, limit);
            if (problem is BodyProblem.BadFraming or BodyProblem.NoRoom && _request.Protocol != HttpProtocol.Http2)
            {
                _response.Headers.Connection = "close";
            }

            var statusCode = problem == BodyProblem.TooLarge ? StatusCodes.Status413PayloadTooLarge : HttpReply.StatusCodeOf(reply.Code);
            await HttpReply.WriteStatusAsync(_features, _response, encoding, statusCode, reply).ConfigureAwait(false);
            return;
        }

        reply = await ForwardAsync(intake, encoding, body, limit).ConfigureAwait(false);

        // Before the answer: a client that does not read it holds nothing.
        End();
        await HttpReply.WriteAsync(_features, _response, encoding, intake.Signal, reply).ConfigureAwait(false);
    }

    private async ValueTask<(BodyProblem Problem, BodyBuffer Body)> ReadBodyAsync(ContentCoding coding, int limit)
    {
        _body.Begin(limit);
        _body.HoldFor(_connection, budget.ShareFor(limit));
        var problem = _request.Headers.ContentLength is { } length ? _body.Expect(length) : BodyProblem.None;
        if (problem == BodyProblem.None)
        {
            var reader = _features.Get<IRequestBodyPipeFeature>()!.Reader;
            _arrival.Begin(_connection);
            problem = await BodyReader.ReadAllAsync(reader, _body, _arrival).ConfigureAwait(false);
        }

        if (problem != BodyProblem.None || coding == ContentCoding.Identity)
        {
            return (problem, _body);
        }

        _decompressed.Begin(limit);
        return (BodyDecompressor.Decompress(coding, _body, _decompressed), _decompressed);
    }

    private ValueTask<ExportReply> ForwardAsync(SignalIntake intake, BodyEncoding encoding, BodyBuffer body, int limit)
    {
        var metadata = application.Config.IncludeMetadata ? HeaderMetadata.Copy(_request.Headers) : null;
        var pending = encoding == BodyEncoding.Json
            ? intake.ExportJsonAsync(body, _translated, limit, metadata, _deadline.Token)
            : intake.ExportAsync(body, metadata, _deadline.Token);
        if (pending.IsCompleted)
        {
            return pending;
        }

        var aborted = _features.Get<IHttpRequestLifetimeFeature>()!.RequestAborted;
        return _deadline.WaitAsync(pending, TimeSpan.Zero, aborted);
    }
}
