using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using TelemetryPipeline.Exporters.Elasticsearch.Bulk;
using TelemetryPipeline.Exporters.Elasticsearch.Cluster;
using TelemetryPipeline.Exporters.Elasticsearch.Documents;
using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Sending;

namespace TelemetryPipeline.Exporters.Elasticsearch;

/// <summary>Exports batches to Elasticsearch or OpenSearch by their bulk API.</summary>
internal sealed class ElasticsearchSender : ISender, IDisposable
{
    private readonly ElasticsearchConfig _config;
    private readonly TimeProvider _time;
    private readonly OutboundClient _client;
    private readonly ServerWatch _server;
    private readonly DeliveryParts _parts;
    private readonly ConcurrentBag<BatchDelivery> _idle = [];

    // Of batches that are tried again, what is left of them. Gone with the batch.
    private readonly ConditionalWeakTable<OtlpBatch, BatchProgress> _unfinished = [];
    private readonly CancellationTokenSource _stopping = new();
    private Task _watching = Task.CompletedTask;
    private volatile bool _disposed;

    /// <summary>A sender; connects when it is started, and starts whether the server is there or not.</summary>
    /// <param name="context">The exporter's surroundings.</param>
    /// <param name="config">The settings.</param>
    public ElasticsearchSender(ComponentContext context, ElasticsearchConfig config)
    {
        _config = config;
        _time = context.Time;
        var usesTls = false;
        foreach (var endpoint in config.Endpoints)
        {
            usesTls |= endpoint.Scheme == Uri.UriSchemeHttps;
        }

        _client = new OutboundClient(context, config.Client, usesTls);
        var nodes = new NodeRing(config.Endpoints, context.Time);
        var outcomes = new DocumentOutcomes(config.RetryOnStatus, config.RetryOnDocumentStatus);
        var metrics = new BulkMetrics(context.Metrics, context.Id);
        _server = new ServerWatch(context, config, _client, nodes);
        _parts = new DeliveryParts
        {
            Transport = new BulkTransport(config, _client, nodes, outcomes, metrics, context.Time) { Suspected = _server.Suspect },
            Outcomes = outcomes,
            Metrics = metrics,
            Events = new BulkEvents(context, config),
            DeadLetters = config.DeadLetterIndex.Length == 0
                ? null
                : new DeadLetterWriter(config.DeadLetterIndex, context.Id.ToString(), context.Time),
            BodySizeMax = config.BodySize,
        };
        context.Metrics.Gauge(
            "otelcol_elasticsearch_nodes_down", "Nodes that are left alone because they failed.", () => nodes.DownCount,
            ("exporter", context.Id.ToString()));
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation)
    {
        _client.Load();

        // Templates should be there before the first document; data waits in the queue until then.
        _watching = _server.WatchAsync(_stopping.Token);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellation)
    {
        if (!_disposed)
        {
            await _stopping.CancelAsync().ConfigureAwait(false);
            await _watching.ConfigureAwait(false);
            Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _stopping.Cancel();
        _client.Dispose();
        _parts.Transport.Dispose();
        _server.Dispose();
        DropIdle();
    }

    /// <inheritdoc/>
    public async ValueTask<ConsumeResult> SendAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        var (features, failure) = await _server.FeaturesAsync(cancellation).ConfigureAwait(false);
        if (features is null)
        {
            return failure.Outcome == ConsumeOutcome.Rejected ? failure with { RejectedCount = Math.Max(batch.ItemCount, 1) } : failure;
        }

        var progress = _unfinished.TryGetValue(batch, out var before) ? before : new BatchProgress();
        var delivery = Take(features);
        try
        {
            var result = await delivery.SendAsync(batch, progress, cancellation).ConfigureAwait(false);
            return Conclude(batch, progress, result, before is null);
        }
        finally
        {
            Return(delivery);
        }
    }

    private ConsumeResult Conclude(OtlpBatch batch, BatchProgress progress, in ConsumeResult result, bool isFirst)
    {
        if (result.Outcome == ConsumeOutcome.Retry)
        {
            progress.Attempts++;
            if (_config.MaxRetries > 0 && progress.Attempts > _config.MaxRetries)
            {
                _unfinished.Remove(batch);
                return ConsumeResult.Rejected(
                    "max_retries", result.Message, Math.Max(batch.ItemCount - progress.StoredItems, 1));
            }

            if (isFirst)
            {
                _unfinished.AddOrUpdate(batch, progress);
            }

            return result;
        }

        _unfinished.Remove(batch);
        return progress.RejectedItems == 0
            ? ConsumeResult.Accepted
            : ConsumeResult.Rejected(
                progress.Reason, progress.Message, Math.Min(progress.RejectedItems, Math.Max(batch.ItemCount, 1)));
    }

    private BatchDelivery Take(ServerFeatures features)
    {
        while (_idle.TryTake(out var delivery))
        {
            if (delivery.Options.Features == features)
            {
                return delivery;
            }

            delivery.Dispose();
        }

        return new BatchDelivery(_parts, new EncoderOptions
        {
            Mode = _config.Mode,
            AllowedModes = _config.AllowedModes,
            FixedIndexes = _config.FixedIndexes,
            LogsDynamicId = _config.LogsDynamicId,
            LogsDynamicPipeline = _config.LogsDynamicPipeline,
            Time = _time,
            Features = features,
        });
    }

    private void Return(BatchDelivery delivery)
    {
        if (_disposed || _idle.Count >= 2 * Environment.ProcessorCount)
        {
            delivery.Dispose();
            return;
        }

        _idle.Add(delivery);
        if (_disposed)
        {
            DropIdle();
        }
    }

    private void DropIdle()
    {
        while (_idle.TryTake(out var delivery))
        {
            delivery.Dispose();
        }
    }
}
