using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;
using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Pipeline.Sending;

namespace TelemetryPipeline.Exporters.Otlp.Http;

/// <summary>
/// Exports batches by OTLP/HTTP. Protobuf without compression is written from the batch's memory; a batch that is too
/// large for the server is sent in halves.
/// </summary>
internal sealed partial class OtlpHttpSender : ISender, IDisposable
{
    // As in the Collector: an answer is short, and a server must not make us hold more.
    private const int ResponseSizeMax = 64 * 1024;

    private static readonly TimeSpan WarningInterval = TimeSpan.FromSeconds(10);
    private static readonly MediaTypeHeaderValue ProtobufType = new("application/x-protobuf");
    private static readonly MediaTypeHeaderValue JsonType = new("application/json");

    private readonly OtlpHttpConfig _config;
    private readonly IReadOnlyList<Signal> _signals;
    private readonly ComponentId _id;
    private readonly TimeProvider _time;
    private readonly OutboundClient _client;
    private readonly PayloadCompressor? _compressor;
    private readonly LogThrottle _warningThrottle;
    private readonly Func<OtlpBatch, CancellationToken, ValueTask<ConsumeResult>> _sendOnce;
    private bool _disposed;

    /// <summary>A sender; connects with the first batch.</summary>
    /// <param name="context">The exporter's surroundings.</param>
    /// <param name="config">The settings.</param>
    public OtlpHttpSender(ComponentContext context, OtlpHttpConfig config)
    {
        _config = config;
        _sendOnce = SendOnceAsync;
        _id = context.Id;
        _signals = context.Signals;
        _time = context.Time;
        _log = context.Loggers.CreateLogger<OtlpHttpSender>();
        _warningThrottle = new LogThrottle(context.Time, WarningInterval);
        _warnings = context.Metrics.Counter(
            "otelcol_exporter_partial_success_warnings",
            "Answers that took everything and carried a warning.",
            ("exporter", context.Id.ToString()));
        _compressor = config.Compression.Encoding == PayloadEncoding.None
            ? null
            : new PayloadCompressor(config.Compression.Encoding, config.Compression.Level);
        var usesTls = false;
        foreach (var endpoint in config.Endpoints)
        {
            usesTls |= endpoint?.Scheme == Uri.UriSchemeHttps;
        }

        _client = new OutboundClient(context, config.Client, usesTls);
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation)
    {
        _config.RequireEndpoints(_id, _signals);
        _client.Load();
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
            _client.Dispose();
            _compressor?.Dispose();
        }
    }

    /// <inheritdoc/>
    public ValueTask<ConsumeResult> SendAsync(OtlpBatch batch, CancellationToken cancellation) =>
        BatchHalves.SendAsync(batch, _sendOnce, cancellation);

    private async ValueTask<ConsumeResult> SendOnceAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        if (_config.Endpoints[(int)batch.Signal] is not { } endpoint)
        {
            return ConsumeResult.Rejected(
                "no_endpoint", $"no endpoint is set for {batch.Signal.PipelineName()}", Math.Max(batch.ItemCount, 1));
        }

        PooledBuffer? json = null;
        PooledBuffer? compressed = null;
        try
        {
            var payload = new Payload(batch);
            if (_config.Encoding == HttpEncoding.Json)
            {
                json = new PooledBuffer();
                JsonPayload.Encode(batch, json);
                payload = new Payload(json.Written);
            }

            if (_compressor is not null)
            {
                compressed = new PooledBuffer((int)Math.Min(payload.Length, 1 << 20));
                _compressor.Compress(payload, compressed);
                payload = new Payload(compressed.Written);
            }

            var answer = await ExchangeAsync(endpoint, batch, payload, cancellation).ConfigureAwait(false);
            if (answer.Warning.Length > 0)
            {
                Warned(_config.Client.Headers.Redact(answer.Warning));
            }

            return answer.Result.IsAccepted
                ? answer.Result
                : answer.Result with { Message = _config.Client.Headers.Redact(answer.Result.Message) };
        }
        catch (Exception e) when (TransportFailure.IsExpected(e))
        {
            return ConsumeResult.Retry(
                TransportFailure.Reason(e),
                _config.Client.Headers.Redact($"cannot export to {endpoint.Host}:{endpoint.Port}: {TransportFailure.Cause(e)}"));
        }
        finally
        {
            json?.Dispose();
            compressed?.Dispose();
        }
    }

    private async ValueTask<Answer> ExchangeAsync(
        Uri endpoint, OtlpBatch batch, Payload payload, CancellationToken cancellation)
    {
        var content = new PayloadContent(payload, grpcPrefix: false);
        HttpResponseMessage? response = null;
        try
        {
            using var request = Request(endpoint, content);
            response = await _client.SendAsync(request, cancellation).ConfigureAwait(false);
            using var body = new PooledBuffer();
            var isWhole = await ResponseBody.ReadAsync(response, body, ResponseSizeMax, cancellation).ConfigureAwait(false);
            return HttpAnswer.Read(response, body.Written.Span, isWhole, batch.Signal, batch.ItemCount, _time.GetUtcNow());
        }
        finally
        {
            response?.Dispose();
            await content.CloseAsync().ConfigureAwait(false);
        }
    }

    private HttpRequestMessage Request(Uri endpoint, PayloadContent content)
    {
        content.Headers.ContentType = _config.Encoding == HttpEncoding.Json ? JsonType : ProtobufType;
        if (_compressor is not null)
        {
            content.Headers.TryAddWithoutValidation("content-encoding", _config.Compression.Name);
        }

        return _client.Request(HttpMethod.Post, endpoint, content);
    }
}
