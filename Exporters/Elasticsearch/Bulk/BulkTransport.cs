using System.Net.Http.Headers;
using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Exporters.Elasticsearch.Bulk;

/// <summary>Sends a body to a node of the cluster and reads the answer. Thread-safe.</summary>
internal sealed class BulkTransport : IDisposable
{
    private const int ErrorBodyMax = 64 * 1024;

    // Only what the outcome of a document depends on comes back.
    private const string BulkPath = "/_bulk?filter_path=items.*.status,items.*.error.type,items.*.error.reason";

    private static readonly MediaTypeHeaderValue NdJson = new("application/x-ndjson");

    private readonly ElasticsearchConfig _config;
    private readonly OutboundClient _client;
    private readonly NodeRing _nodes;
    private readonly DocumentOutcomes _outcomes;
    private readonly BulkMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly PayloadCompressor? _compressor;
    private readonly Uri[] _bulkAddresses;

    /// <summary>A transport.</summary>
    /// <param name="config">The settings.</param>
    /// <param name="client">The connections.</param>
    /// <param name="nodes">The nodes.</param>
    /// <param name="outcomes">What answers mean.</param>
    /// <param name="metrics">Counts requests.</param>
    /// <param name="time">The clock.</param>
    public BulkTransport(
        ElasticsearchConfig config, OutboundClient client, NodeRing nodes, DocumentOutcomes outcomes, BulkMetrics metrics,
        TimeProvider time)
    {
        (_config, _client, _nodes, _outcomes, _metrics, _time) = (config, client, nodes, outcomes, metrics, time);
        _compressor = config.Compression.Encoding == PayloadEncoding.None
            ? null
            : new PayloadCompressor(config.Compression.Encoding, config.Compression.Level);
        var pipeline = config.Pipeline.Length == 0 ? "" : $"&pipeline={Uri.EscapeDataString(config.Pipeline)}";
        _bulkAddresses = new Uri[nodes.Count];
        for (var i = 0; i < nodes.Count; i++)
        {
            _bulkAddresses[i] = Join(nodes.Address(i), BulkPath + pipeline);
        }
    }

    /// <summary>Called when the cluster may have changed: a node could not be reached, or says that it is not ready.</summary>
    public Action Suspected { get; set; } = static () => { };

    /// <summary>An address below a base address.</summary>
    /// <param name="baseAddress">The base, with or without a path.</param>
    /// <param name="path">Begins with a slash.</param>
    public static Uri Join(Uri baseAddress, string path) => new(baseAddress.GetLeftPart(UriPartial.Path).TrimEnd('/') + path);

    /// <summary>Sends a body. A node that cannot be reached is passed over for the next.</summary>
    /// <param name="body">The body; borrowed.</param>
    /// <param name="documents">How many documents it holds.</param>
    /// <param name="answers">The list to be filled with answers.</param>
    /// <param name="cancellation">Gives up.</param>
    public async ValueTask<BulkReply> SendAsync(
        Payload body, int documents, List<DocumentAnswer> answers, CancellationToken cancellation)
    {
        PooledBuffer? compressed = null;
        try
        {
            if (_compressor is not null)
            {
                compressed = new PooledBuffer((int)Math.Min(body.Length, 1 << 20));
                _compressor.Compress(body, compressed);
            }

            var payload = compressed is null ? body : new Payload(compressed.Written);
            _metrics.FlushedUncompressedBytes.Add(body.Length);
            var reply = default(BulkReply);
            for (var tries = 0; tries < _nodes.Count; tries++)
            {
                var node = _nodes.Pick();
                (reply, var isNodeDown) = await TryNodeAsync(node, payload, documents, answers, cancellation).ConfigureAwait(false);
                if (!isNodeDown)
                {
                    return reply;
                }

                _nodes.Failed(node);
                Suspected();
                if (cancellation.IsCancellationRequested)
                {
                    return reply;
                }
            }

            return reply;
        }
        finally
        {
            compressed?.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _compressor?.Dispose();

    private async ValueTask<(BulkReply Reply, bool IsNodeDown)> TryNodeAsync(
        int node, Payload payload, int documents, List<DocumentAnswer> answers, CancellationToken cancellation)
    {
        var address = _bulkAddresses[node];
        var started = _time.GetTimestamp();
        using var limit = _config.Timeout == TimeSpan.Zero
            ? new CancellationTokenSource()
            : new CancellationTokenSource(_config.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            var (reply, isNodeDown) = await ExchangeAsync(address, payload, documents, answers, either.Token).ConfigureAwait(false);
            if (!isNodeDown)
            {
                _nodes.Succeeded(node);
            }

            _metrics.Request(reply, payload.Length, _time.GetElapsedTime(started));
            return (reply, isNodeDown);
        }
        catch (Exception e) when (TransportFailure.IsExpected(e))
        {
            var message = _config.Client.Headers.Redact($"cannot write to {address.Host}:{address.Port}: {TransportFailure.Cause(e)}");
            var reply = new BulkReply(null, ConsumeResult.Retry(TransportFailure.Reason(e), message));
            _metrics.Request(reply, payload.Length, _time.GetElapsedTime(started));

            // Told to stop is no news about the node.
            return (reply, !cancellation.IsCancellationRequested);
        }
    }

    private async ValueTask<(BulkReply Reply, bool IsNodeDown)> ExchangeAsync(
        Uri address, Payload payload, int documents, List<DocumentAnswer> answers, CancellationToken cancellation)
    {
        var content = new PayloadContent(payload, grpcPrefix: false);
        HttpResponseMessage? response = null;
        try
        {
            content.Headers.ContentType = NdJson;
            if (_compressor is not null)
            {
                content.Headers.TryAddWithoutValidation("content-encoding", _config.Compression.Name);
            }

            using var request = _client.Request(HttpMethod.Post, address, content);
            response = await _client.SendAsync(request, cancellation).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
            {
                return (await BulkResponseReader.ReadAsync(response, documents, answers, cancellation).ConfigureAwait(false)
                    ? new BulkReply(answers, default)
                    : new BulkReply(null, ConsumeResult.Retry(
                        "invalid_response", "the server's answer is no answer to a bulk request, or has ended too early")), false);
            }

            using var body = new PooledBuffer();
            await ResponseBody.ReadAsync(response, body, ErrorBodyMax, cancellation).ConfigureAwait(false);
            var status = (int)response.StatusCode;
            return (Failure(response, status, ServerError.Read(body.Written)), status is 502 or 503 or 504);
        }
        finally
        {
            response?.Dispose();
            await content.CloseAsync().ConfigureAwait(false);
        }
    }

    private BulkReply Failure(HttpResponseMessage response, int status, ServerError error)
    {
        var message = _config.Client.Headers.Redact($"the server answered HTTP {status}: {error.Type} {error.Reason}");
        var reason = HttpStatus.Reason(status);
        if (!_outcomes.IsRequestRetryable(status, error.Type))
        {
            return new BulkReply(null, ConsumeResult.Rejected(reason, message, 1), status == 413);
        }

        var wait = HttpStatus.RetryAfter(response, _time.GetUtcNow()) ?? TimeSpan.Zero;
        return new BulkReply(null, ConsumeResult.Retry(reason, message, wait < TimeSpan.Zero ? TimeSpan.Zero : wait));
    }
}
