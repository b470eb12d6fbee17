using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;
using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Pipeline.Proxies;
using TelemetryPipeline.Pipeline.Sending;
using TelemetryPipeline.Pipeline.Tls;

namespace TelemetryPipeline.Exporters.Otlp.Grpc;

/// <summary>
/// Exports batches by gRPC, written on HTTP/2 itself: the body of a request is a prefix and the batch's bytes as they
/// came in. Nothing is decoded, encoded or, without compression, copied. A batch that is too large for the server is sent in
/// halves.
/// </summary>
internal sealed partial class OtlpGrpcSender : ISender, IDisposable
{
    // OTLP limits answers to 4 MiB.
    private const int ResponseSizeMax = 4 * 1024 * 1024;

    private static readonly TimeSpan WarningInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ReadyCheckInterval = TimeSpan.FromMilliseconds(100);
    private static readonly MediaTypeHeaderValue ContentType = new("application/grpc");

    private readonly OtlpGrpcConfig _config;
    private readonly TimeProvider _time;
    private readonly CertificateSource? _certificates;
    private readonly GrpcConnections _connections;
    private readonly PayloadCompressor? _compressor;
    private readonly LogThrottle _warningThrottle;
    private readonly Func<OtlpBatch, CancellationToken, ValueTask<ConsumeResult>> _sendOnce;
    private readonly Uri[] _methods;
    private readonly string? _timeout;
    private bool _disposed;

    /// <summary>A sender; connects with the first batch.</summary>
    /// <param name="context">The exporter's surroundings.</param>
    /// <param name="config">The settings.</param>
    /// <param name="resolve">Finds the addresses of a name; null asks the system.</param>
    /// <param name="proxies">Finds the proxy; null asks the environment.</param>
    public OtlpGrpcSender(
        ComponentContext context, OtlpGrpcConfig config, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null,
        EnvironmentProxy? proxies = null)
    {
        _config = config;
        _sendOnce = SendOnceAsync;
        _time = context.Time;
        _log = context.Loggers.CreateLogger<OtlpGrpcSender>();
        _warningThrottle = new LogThrottle(context.Time, WarningInterval);
        _warnings = context.Metrics.Counter(
            "otelcol_exporter_partial_success_warnings",
            "Answers that took everything and carried a warning.",
            ("exporter", context.Id.ToString()));
        _certificates = config.UseTls ? new CertificateSource(config.Tls, context) : null;
        _compressor = config.Compression.Encoding == PayloadEncoding.None
            ? null
            : new PayloadCompressor(config.Compression.Encoding, config.Compression.Level);

        // As in gRPC for Go, HTTPS_PROXY is for every target. The proxy resolves the name, which may be unknown here.
        var proxy = (proxies ?? EnvironmentProxy.Read()).GetProxy(TargetUrl(Uri.UriSchemeHttps, config)) is { Scheme: "http" } found ? found : null;
        _connections = new GrpcConnections(
            config.Target.Host, proxy is null ? config.Balancer : GrpcBalancer.PickFirst, context.Time,
            address => GrpcHandler.Create(config, _certificates, address, proxy), resolve);
        _methods = Methods(config);
        var timeoutMs = (long)config.Sending.Timeout.TotalMilliseconds;
        _timeout = timeoutMs is > 0 and < 100_000_000 ? string.Create(CultureInfo.InvariantCulture, $"{timeoutMs}m") : null;
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation)
    {
        _certificates?.Load();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellation)
    {
        Dispose();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _connections.Dispose();
            _compressor?.Dispose();
        }
    }

    /// <inheritdoc/>
    public ValueTask<ConsumeResult> SendAsync(OtlpBatch batch, CancellationToken cancellation) =>
        BatchHalves.SendAsync(batch, _sendOnce, cancellation);

    private async ValueTask<ConsumeResult> SendOnceAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        if (batch.ByteCount > int.MaxValue - PayloadContent.GrpcPrefixLength)
        {
            return ConsumeResult.Rejected(BatchHalves.TooLarge, "the batch is longer than 2 GiB", Math.Max(batch.ItemCount, 1));
        }

        PooledBuffer? compressed = null;
        try
        {
            compressed = Compress(batch);
            var answer = await SendAsync(batch, compressed, cancellation).ConfigureAwait(false);
            if (answer.Warning.Length > 0)
            {
                Warned(_config.Headers.Redact(answer.Warning));
            }

            return answer.Result.IsAccepted
                ? answer.Result
                : answer.Result with { Message = _config.Headers.Redact(answer.Result.Message) };
        }
        catch (Exception e) when (TransportFailure.IsExpected(e))
        {
            return ConsumeResult.Retry(
                TransportFailure.Reason(e),
                _config.Headers.Redact($"cannot export to {_config.Target.Host}:{_config.Target.Port}: {TransportFailure.Cause(e)}"));
        }
        finally
        {
            compressed?.Dispose();
        }
    }

    private static Uri TargetUrl(string scheme, OtlpGrpcConfig config) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{scheme}://{config.Target.Host}:{config.Target.Port}"));

    private static Uri[] Methods(OtlpGrpcConfig config)
    {
        var methods = new Uri[SignalNames.Count];
        var root = TargetUrl(config.UseTls ? Uri.UriSchemeHttps : Uri.UriSchemeHttp, config);
        foreach (var signal in SignalNames.All)
        {
            var (package, service) = signal switch
            {
                Signal.Traces => ("trace", "Trace"),
                Signal.Metrics => ("metrics", "Metrics"),
                _ => ("logs", "Logs"),
            };
            methods[(int)signal] = new Uri(root, $"/opentelemetry.proto.collector.{package}.v1.{service}Service/Export");
        }

        return methods;
    }

    private PooledBuffer? Compress(OtlpBatch batch)
    {
        if (_compressor is null)
        {
            return null;
        }

        var message = new PooledBuffer((int)Math.Min(batch.ByteCount, 1 << 20));
        try
        {
            message.Write([1, 0, 0, 0, 0]);
            _compressor.Compress(new Payload(batch), message);
            BinaryPrimitives.WriteUInt32BigEndian(
                message.WrittenSpan[1..], (uint)(message.Length - PayloadContent.GrpcPrefixLength));
            return message;
        }
        catch
        {
            message.Dispose();
            throw;
        }
    }

    // Where no connection comes about the server has seen nothing, so the next address is tried within the attempt.
    private async ValueTask<Answer> SendAsync(OtlpBatch batch, PooledBuffer? compressed, CancellationToken cancellation)
    {
        for (var tried = 1; ; tried++)
        {
            var connection = await EnterAsync(cancellation).ConfigureAwait(false);
            try
            {
                return await ExchangeAsync(connection, batch, compressed, cancellation).ConfigureAwait(false);
            }
            catch (HttpRequestException e) when (TransportFailure.IsBeforeSending(e) && !cancellation.IsCancellationRequested)
            {
                _connections.Failed(connection);
                if (tried < _connections.Count)
                {
                    continue;
                }

                if (!_config.WaitForReady)
                {
                    throw;
                }

                await Task.Delay(ReadyCheckInterval, _time, cancellation).ConfigureAwait(false);
            }
            finally
            {
                connection.Leave();
            }
        }
    }

    // A name that moves may close a way between the pick and the entry; the next pick sees the new ones.
    private async ValueTask<GrpcConnection> EnterAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var connection = await _connections.PickAsync(cancellation).ConfigureAwait(false);
            if (connection.TryEnter())
            {
                return connection;
            }
        }
    }

    private async ValueTask<Answer> ExchangeAsync(
        GrpcConnection connection, OtlpBatch batch, PooledBuffer? compressed, CancellationToken cancellation)
    {
        var content = compressed is null
            ? new PayloadContent(new Payload(batch), grpcPrefix: true)
            : new PayloadContent(new Payload(compressed.Written), grpcPrefix: false);
        HttpResponseMessage? response = null;
        try
        {
            using var request = Request(batch.Signal, content);
            response = await connection.Invoker.SendAsync(request, cancellation).ConfigureAwait(false);
            using var body = new PooledBuffer();
            if (!await ResponseBody.ReadAsync(response, body, ResponseSizeMax, cancellation).ConfigureAwait(false))
            {
                return new Answer(ConsumeResult.Rejected(
                    Answer.InvalidResponse, "the server's answer is longer than 4 MiB", Math.Max(batch.ItemCount, 1)));
            }

            return GrpcAnswer.Read(response, body.Written.Span, batch.ItemCount);
        }
        finally
        {
            response?.Dispose();
            await content.CloseAsync().ConfigureAwait(false);
        }
    }

    private HttpRequestMessage Request(Signal signal, PayloadContent content)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, _methods[(int)signal])
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        content.Headers.ContentType = ContentType;
        request.Headers.TryAddWithoutValidation("te", "trailers");
        request.Headers.TryAddWithoutValidation("user-agent", UserAgent.Text);
        if (_timeout is not null)
        {
            request.Headers.TryAddWithoutValidation("grpc-timeout", _timeout);
        }

        if (_compressor is not null)
        {
            request.Headers.TryAddWithoutValidation("grpc-encoding", _config.Compression.Name);
        }

        if (_config.Authority is not null)
        {
            request.Headers.Host = _config.Authority;
        }

        _config.Headers.AddTo(request);
        return request;
    }
}
