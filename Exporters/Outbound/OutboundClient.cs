using System.Net;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Tls;

namespace TelemetryPipeline.Exporters.Outbound;

/// <summary>The HTTP connections of an exporter: makes requests that carry its headers, and sends them.</summary>
/// <remarks>Thread-safe. Answers are bounded: <see cref="ResponseBody"/> reads them.</remarks>
internal sealed class OutboundClient : IDisposable
{
    private readonly HttpClientConfig _config;
    private readonly CertificateSource? _certificates;
    private readonly HttpMessageInvoker _invoker;

    /// <summary>A client; connects with the first request.</summary>
    /// <param name="context">The exporter's surroundings.</param>
    /// <param name="config">The settings.</param>
    /// <param name="usesTls">Whether any URL is https.</param>
    public OutboundClient(ComponentContext context, HttpClientConfig config, bool usesTls)
    {
        _config = config;
        _certificates = usesTls ? new CertificateSource(config.Tls, context) : null;
        _invoker = new HttpMessageInvoker(HttpHandler.Create(config, _certificates));
    }

    /// <summary>Loads the TLS files, when the exporter starts.</summary>
    /// <exception cref="ComponentStartException">A file cannot be used.</exception>
    public void Load() => _certificates?.Load();

    /// <summary>A request with the exporter's headers.</summary>
    /// <param name="method">The method.</param>
    /// <param name="uri">Where to.</param>
    /// <param name="content">The body with its headers; null for none.</param>
    public HttpRequestMessage Request(HttpMethod method, Uri uri, HttpContent? content)
    {
        // Without TLS there is no negotiation, and HTTP servers speak HTTP/1.1 first.
        var isTls = uri.Scheme == Uri.UriSchemeHttps;
        var request = new HttpRequestMessage(method, uri)
        {
            Version = _config.ForceAttemptHttp2 && isTls ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            Content = content,
        };
        request.Headers.TryAddWithoutValidation("user-agent", UserAgent.Text);
        if (_config.DisableKeepAlives)
        {
            request.Headers.ConnectionClose = true;
        }

        if (isTls && _config.Tls.ServerNameOverride is { } name)
        {
            // The transport takes the name for SNI and for the certificate from the Host header.
            request.Headers.Host = name;
        }

        _config.Headers.AddTo(request);
        return request;
    }

    /// <summary>Sends a request and returns with the answer's headers.</summary>
    /// <param name="request">The request; the caller disposes of it and of the answer.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <remarks>Expected failures are those of <see cref="TransportFailure.IsExpected"/>.</remarks>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation) =>
        _invoker.SendAsync(request, cancellation);

    /// <inheritdoc/>
    public void Dispose() => _invoker.Dispose();
}
