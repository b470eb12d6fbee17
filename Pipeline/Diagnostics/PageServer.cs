using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TelemetryPipeline.Pipeline.Listening;

namespace TelemetryPipeline.Pipeline.Diagnostics;

/// <summary>
/// A small HTTP/1.1 server for the pages the collector shows about itself: metrics, health, diagnosis. Kestrel
/// without a host or a service container around it, since the OTLP receiver brings Kestrel along anyway.
/// </summary>
/// <remarks>
/// Requests have no body; a page is rendered into memory, then sent with its length. A page may instead be a stream
/// without end; whoever renders such a page ends it before the server is stopped.
/// </remarks>
public sealed class PageServer
{
    /// <summary>Connections at a time: more than a live stream may have followers.</summary>
    internal const int ConnectionsMax = 128;

    // Pages are asked for by people, probes and scrapers; a client that needs longer is in nobody's interest.
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(30);

    private readonly ListenEndpoint _endpoint;
    private readonly Action<PageRequest, PageAnswer> _render;
    private readonly ILoggerFactory _loggers;
    private readonly AllowedHosts _allowedHosts;
    private KestrelServer? _server;

    /// <summary>A server that does not listen yet.</summary>
    /// <param name="endpoint">Where to listen.</param>
    /// <param name="render">Fills in the answer to a request; called concurrently.</param>
    /// <param name="loggers">Where the server reports problems.</param>
    /// <param name="allowedHosts">Host names, beside those of the endpoint, under which pages may be requested.</param>
    public PageServer(
        ListenEndpoint endpoint, Action<PageRequest, PageAnswer> render, ILoggerFactory loggers, AllowedHosts? allowedHosts = null)
    {
        _allowedHosts = allowedHosts ?? AllowedHosts.None;
        _endpoint = endpoint;
        _render = render;
        _loggers = loggers;
    }

    /// <summary>The address it listens on, with the port the system chose; null while it does not listen.</summary>
    public IPEndPoint? Address { get; private set; }

    /// <summary>Begins to listen.</summary>
    /// <param name="cancellation">The start is given up.</param>
    /// <exception cref="ComponentStartException">The address is in use or not of this machine.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        var options = new KestrelServerOptions { AddServerHeader = false };
        options.Limits.KeepAliveTimeout = IdleTimeout;
        options.Limits.RequestHeadersTimeout = HeadersTimeout;
        options.Limits.MaxRequestBodySize = 0;
        var endPoint = _endpoint.Resolve();
        var connections = new ConnectionTable(ConnectionsMax, TimeProvider.System, prefersIdle: true);
        options.Listen(endPoint, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.Use(next => connection => connections.OnConnectionAsync(connection, next));
        });
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions { IOQueueCount = 0 }), _loggers);
        var server = new KestrelServer(Options.Create(options), transport, _loggers);
        try
        {
            await server.StartAsync(new Application(_render, header => _allowedHosts.Allows(header, _endpoint, endPoint.Address)), cancellation).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            server.Dispose();
            throw new ComponentStartException($"cannot listen on {_endpoint}: {e.Message}", e);
        }
        catch (System.Net.Sockets.SocketException e)
        {
            server.Dispose();
            throw new ComponentStartException($"cannot listen on {_endpoint}: {e.Message}", e);
        }

        _server = server;
        Address = AddressOf(server);
    }

    /// <summary>Stops listening and lets running requests end. Safe without a start and when called twice.</summary>
    /// <param name="cancellation">Running requests are cut off.</param>
    public async Task StopAsync(CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref _server, null) is { } server)
        {
            Address = null;
            await server.StopAsync(cancellation).ConfigureAwait(false);
            server.Dispose();
        }
    }

    private static IPEndPoint? AddressOf(KestrelServer server)
    {
        foreach (var address in server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses)
        {
            var uri = new Uri(address);
            return new IPEndPoint(IPAddress.Parse(uri.Host), uri.Port);
        }

        return null;
    }

    private sealed class Application(Action<PageRequest, PageAnswer> render, Func<string, bool> isAllowedHost) : IHttpApplication<IFeatureCollection>
    {
        public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

        public void DisposeContext(IFeatureCollection context, Exception? exception)
        {
        }

        public async Task ProcessRequestAsync(IFeatureCollection context)
        {
            var connection = context.Get<ListenerConnection>();
            connection?.BeginRequest();

            // A page is rendered at once; what takes time is sending it.
            connection?.BeginWait();
            try
            {
                await AnswerAsync(context).ConfigureAwait(false);
            }
            finally
            {
                connection?.EndWait();
                connection?.EndRequest();
            }
        }

        private async Task AnswerAsync(IFeatureCollection context)
        {
            var request = context.GetRequiredFeature<IHttpRequestFeature>();
            var response = context.GetRequiredFeature<IHttpResponseFeature>();
            var answer = new PageAnswer();
            var isHead = request.Method == "HEAD";
            PageRequest? asked = null;
            if (!isAllowedHost(request.Headers.Host.ToString()))
            {
                answer.Text(421, "the Host header is not a name of this endpoint; to allow it, add it to allowed_hosts");
            }
            else if (isHead || request.Method == "GET")
            {
                asked = new PageRequest(request.Path, PageQuery.Parse(request.QueryString))
                {
                    Accept = request.Headers.Accept.ToString(),
                    IfNoneMatch = request.Headers.IfNoneMatch.ToString(),
                };
                render(asked, answer);
            }
            else
            {
                answer.Text(405, "only GET and HEAD are allowed here");
                response.Headers.Allow = "GET, HEAD";
            }

            var isUnchanged = asked is not null && answer.IsUnchangedFor(asked);
            response.StatusCode = isUnchanged ? 304 : answer.StatusCode;
            response.Headers.CacheControl = answer.CacheControl;
            response.Headers.ETag = answer.EntityTag;
            response.Headers.Vary = answer.Vary;
            response.Headers.XContentTypeOptions = "nosniff";
            if (isUnchanged)
            {
                return;
            }

            response.Headers.ContentType = answer.ContentType;
            var body = context.GetRequiredFeature<IHttpResponseBodyFeature>();
            if (answer.Stream is { } stream && !isHead)
            {
                await StreamAsync(context, body, stream).ConfigureAwait(false);
                return;
            }

            response.Headers.ContentLength = answer.Body.WrittenCount;
            if (!isHead)
            {
                await WriteAsync(context, body, answer.Body.WrittenMemory).ConfigureAwait(false);
            }
        }

        private static async Task WriteAsync(IFeatureCollection context, IHttpResponseBodyFeature body, ReadOnlyMemory<byte> page)
        {
            using var limit = new CancellationTokenSource(WriteTimeout);
            try
            {
                await body.Writer.WriteAsync(page, limit.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // The client does not read its answer.
                context.GetRequiredFeature<IHttpRequestLifetimeFeature>().Abort();
            }
        }

        private static async Task StreamAsync(
            IFeatureCollection context, IHttpResponseBodyFeature body, Func<PipeWriter, CancellationToken, Task<bool>> stream)
        {
            var lifetime = context.GetRequiredFeature<IHttpRequestLifetimeFeature>();
            await body.StartAsync().ConfigureAwait(false);
            await body.Writer.FlushAsync().ConfigureAwait(false);
            try
            {
                if (await stream(body.Writer, lifetime.RequestAborted).ConfigureAwait(false))
                {
                    return;
                }
            }
            catch (OperationCanceledException) when (lifetime.RequestAborted.IsCancellationRequested)
            {
                // the client went away
            }

            lifetime.Abort();
        }
    }
}
