using TelemetryPipeline.Exporters.Elasticsearch.Bulk;
using TelemetryPipeline.Exporters.Elasticsearch.Documents;
using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Exporters.Elasticsearch.Cluster;

/// <summary>
/// Knows what the cluster is: asks at the start, and again after a node was out of reach, since what comes back may be
/// another version or another cluster. Installs the templates where asked, before the first document.
/// </summary>
/// <remarks>Thread-safe; one question at a time, and while it fails, at most one a second.</remarks>
internal sealed class ServerWatch : IDisposable
{
    private const int AnswerSizeMax = 64 * 1024;

    private static readonly TimeSpan QuestionLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FailureKept = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly ElasticsearchConfig _config;
    private readonly OutboundClient _client;
    private readonly NodeRing _nodes;
    private readonly TimeProvider _time;
    private readonly TemplateInstaller? _installer;
    private readonly ServerEvents _events;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile ServerFeatures? _features;
    private volatile bool _isSuspect;
    private ServerVersion? _version;
    private ConsumeResult _failure;
    private long _failedAt;

    /// <summary>Knows nothing yet.</summary>
    /// <param name="context">The exporter's surroundings.</param>
    /// <param name="config">The settings.</param>
    /// <param name="client">The connections.</param>
    /// <param name="nodes">The nodes.</param>
    public ServerWatch(ComponentContext context, ElasticsearchConfig config, OutboundClient client, NodeRing nodes)
    {
        (_config, _client, _nodes, _time) = (config, client, nodes, context.Time);
        _events = new ServerEvents(context.Loggers.CreateLogger($"exporter {context.Id}"), context.Time);
        _installer = config.Templates.Enabled
            ? new TemplateInstaller(config, context.Signals, AskAsync, _events)
            : null;
    }

    /// <summary>Something went wrong: the next batch asks again.</summary>
    public void Suspect() => _isSuspect = true;

    /// <summary>Asks until the cluster is known.</summary>
    /// <param name="stop">Ends it.</param>
    public async Task WatchAsync(CancellationToken stop)
    {
        var pause = FailureKept;
        try
        {
            while ((await FeaturesAsync(stop).ConfigureAwait(false)).Features is null && !stop.IsCancellationRequested)
            {
                await Task.Delay(pause, _time, stop).ConfigureAwait(false);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
        catch (OperationCanceledException)
        {
            // The exporter stops.
        }
    }

    /// <summary>What the cluster can do.</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Null and the outcome for a batch while nobody can be asked.</returns>
    public async ValueTask<(ServerFeatures? Features, ConsumeResult Failure)> FeaturesAsync(CancellationToken cancellation)
    {
        if (_features is { } known && !_isSuspect)
        {
            return (known, default);
        }

        await _gate.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_features is { } found && !_isSuspect)
            {
                return (found, default);
            }

            if (_failedAt != 0 && _time.GetElapsedTime(_failedAt) < FailureKept)
            {
                return (null, _failure);
            }

            _isSuspect = false;
            var failure = await LookAsync(cancellation).ConfigureAwait(false);
            if (failure.IsAccepted)
            {
                _failedAt = 0;
                return (_features, default);
            }

            (_isSuspect, _failure, _failedAt) = (true, failure, _time.GetTimestamp());
            return (null, failure);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private async ValueTask<ConsumeResult> LookAsync(CancellationToken cancellation)
    {
        var answer = await AskAsync(HttpMethod.Get, "/", default, cancellation).ConfigureAwait(false);
        if (answer.Failure.Outcome == ConsumeOutcome.Retry || answer.Status == 401)
        {
            return answer.Failure;
        }

        ServerVersion? version;
        if (answer.Failure.IsAccepted)
        {
            version = ServerVersion.Read(answer.Body);
            if (version is null)
            {
                return ConsumeResult.Retry("not_a_cluster", "what answers there is neither Elasticsearch nor OpenSearch");
            }
        }
        else
        {
            // Not every key that may write may also ask; a proxy may let only some paths through.
            version = ServerVersion.Assumed;
            _events.VersionAssumed(answer.Failure.Message);
        }

        if (version != _version)
        {
            if (_installer is not null && await _installer.InstallAsync(version, cancellation).ConfigureAwait(false) is var outcome
                && !outcome.IsAccepted)
            {
                return outcome;
            }

            _version = version;
            _features = FeaturesOf(version);
            _events.Connected(version);
            if (_installer is null && _config.Mode == MappingMode.Otel && !version.IsElasticsearch(8, 12))
            {
                _events.HasNoTemplates(version);
            }
        }

        return ConsumeResult.Accepted;
    }

    private ServerFeatures FeaturesOf(ServerVersion version)
    {
        var isOwnStream = string.IsNullOrEmpty(_config.FixedIndexes[(int)Signal.Metrics]);
        return _config.Templates.Enabled
            ? new ServerFeatures
            {
                HasMetricTemplates = isOwnStream && version.IsElasticsearch(7, 14),
                HasFlatMetricNames = isOwnStream && version.IsElasticsearch(8, 3),
            }
            : new ServerFeatures
            {
                HasMetricTemplates = isOwnStream && version.IsElasticsearch(8, 12),
                HasTimeSeries = isOwnStream && version.IsElasticsearch(8, 12),
                HasFlatMetricNames = isOwnStream && version.IsElasticsearch(8, 12),
            };
    }

    // Asks one node after the other until one answers.
    private async ValueTask<ClusterAnswer> AskAsync(
        HttpMethod method, string path, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        var answer = default(ClusterAnswer);
        for (var tries = 0; tries < _nodes.Count; tries++)
        {
            var node = _nodes.Pick();
            answer = await AskAsync(_nodes.Address(node), method, path, body, cancellation).ConfigureAwait(false);
            if (answer.Status is not (0 or 502 or 503 or 504))
            {
                _nodes.Succeeded(node);
                return answer;
            }

            _nodes.Failed(node);
        }

        return answer;
    }

    private async ValueTask<ClusterAnswer> AskAsync(
        Uri node, HttpMethod method, string path, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(QuestionLimit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            using var content = body.IsEmpty ? null : new ReadOnlyMemoryContent(body);
            content?.Headers.TryAddWithoutValidation("content-type", "application/json");
            using var request = _client.Request(method, BulkTransport.Join(node, path), content);
            using var response = await _client.SendAsync(request, either.Token).ConfigureAwait(false);
            using var buffer = new PooledBuffer();
            await ResponseBody.ReadAsync(response, buffer, AnswerSizeMax, either.Token).ConfigureAwait(false);
            return Read(response, buffer.Written.ToArray());
        }
        catch (Exception e) when (TransportFailure.IsExpected(e) && !cancellation.IsCancellationRequested)
        {
            return new ClusterAnswer(0, [], ConsumeResult.Retry(
                TransportFailure.Reason(e),
                _config.Client.Headers.Redact($"cannot reach {node.Host}:{node.Port}: {TransportFailure.Cause(e)}")));
        }
    }

    private ClusterAnswer Read(HttpResponseMessage response, byte[] body)
    {
        var status = (int)response.StatusCode;
        if (response.IsSuccessStatusCode)
        {
            return new ClusterAnswer(status, body, ConsumeResult.Accepted);
        }

        var error = ServerError.Read(body);
        var message = _config.Client.Headers.Redact($"the server answered HTTP {status}: {error.Type} {error.Reason}");
        return new ClusterAnswer(status, body, status is 429 or >= 500
            ? ConsumeResult.Retry(HttpStatus.Reason(status), message)
            : ConsumeResult.Rejected(HttpStatus.Reason(status), message, 1));
    }
}
