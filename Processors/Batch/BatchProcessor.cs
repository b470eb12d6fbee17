using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Processors.Batch;

/// <summary>
/// Gathers requests into larger batches without copying them. What is taken is forwarded, or held and offered again,
/// or counted as dropped; when too much is held, requests are refused so that their senders keep them.
/// </summary>
internal sealed class BatchProcessor : IProcessor, IAdmission, IDisposable
{
    /// <summary>Bytes taken and not forwarded yet, at most.</summary>
    internal const long HeldBytesMax = 32 * 1024 * 1024;

    /// <summary>Bytes that make a batch go out whatever its number of items: a quarter, so that one can wait, one fill and two be under way.</summary>
    internal const long BatchBytesMax = HeldBytesMax / 4;

    private static readonly ConsumeResult Full = ConsumeResult.Retry(
        "batch_full", "the batch processor holds as much as it may, since the next component takes nothing now",
        TimeSpan.FromSeconds(1));

    private static readonly ConsumeResult Stopped = ConsumeResult.Retry("stopped", "the batch processor is stopping");

    private readonly BatchConfig _config;
    private readonly MetadataPartition _partition;
    private readonly HeldBytes _held = new(HeldBytesMax);
    private readonly CancellationTokenSource _lifetime = new();
    private readonly BatchSettings _settings;
    private readonly BatchSender _sender;
    private readonly BatchMetrics _metrics;
    private readonly BatchShard? _only;
    private readonly ConcurrentDictionary<string, BatchShard> _shards = new(StringComparer.Ordinal);
    private readonly Lock _adding = new();
    private int _stopped;

    public BatchProcessor(ComponentContext context, BatchConfig config, IConsumer next)
    {
        _config = config;
        _partition = new MetadataPartition(config.MetadataKeys);
        _settings = new BatchSettings(config, context.Time, context.Background, context.Background.Watch("batch_drain"), BatchBytesMax, _lifetime.Token);
        _metrics = new BatchMetrics(context, () => _only is null ? _shards.Count : 1, () => _held.Value);
        _sender = new BatchSender(next, _held, _metrics, context.Loggers.CreateLogger<BatchProcessor>());
        _only = _partition.IsNeeded ? null : new BatchShard(_settings, _sender, metadata: null);
    }

    /// <inheritdoc/>
    public ConsumeResult Admit(Signal signal) => _held.Refuses ? Full : ConsumeResult.Accepted;

    /// <inheritdoc/>
    public ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        if (batch.ItemCount == 0)
        {
            return new(ConsumeResult.Accepted);
        }

        if (FindShard(batch) is not { } shard)
        {
            _metrics.Refused("metadata_cardinality", batch.ItemCount);
            return new(ConsumeResult.Rejected(
                "metadata_cardinality",
                $"too many combinations of metadata values, the limit is {_config.MetadataCardinalityLimit}",
                batch.ItemCount));
        }

        var room = _held.TakeAsync(batch.ByteCount, cancellation);
        if (!room.IsCompletedSuccessfully)
        {
            return AddWithRoomAsync(room, shard, batch, cancellation);
        }

        return room.Result ? Add(shard, batch, cancellation) : new(Refuse(batch));
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref _stopped, 1) == 1)
        {
            return;
        }

        List<BatchShard> shards;
        lock (_adding)
        {
            shards = _only is null ? [.. _shards.Values] : [_only];
        }

        using (cancellation.Register(static state => ((CancellationTokenSource)state!).Cancel(), _lifetime))
        {
            var stops = new List<Task>(shards.Count);
            foreach (var shard in shards)
            {
                stops.Add(shard.StopAsync(cancellation));
            }

            await Task.WhenAll(stops).ConfigureAwait(false);
        }

        foreach (var shard in shards)
        {
            shard.Dispose();
        }

        Dispose();
    }

    /// <summary>Part of stopping.</summary>
    public void Dispose() => _lifetime.Dispose();

    private async ValueTask<ConsumeResult> AddWithRoomAsync(
        ValueTask<bool> room, BatchShard shard, OtlpBatch batch, CancellationToken cancellation) =>
        await room.ConfigureAwait(false)
            ? await Add(shard, batch, cancellation).ConfigureAwait(false)
            : Refuse(batch);

    private ValueTask<ConsumeResult> Add(BatchShard shard, OtlpBatch batch, CancellationToken cancellation)
    {
        var pending = shard.AddAsync(batch, cancellation);
        return pending.IsCompletedSuccessfully
            ? new(Answer(pending.Result, batch.ByteCount))
            : AnswerAsync(pending, batch.ByteCount);
    }

    private ConsumeResult Refuse(OtlpBatch batch)
    {
        _metrics.Refused(Full.Reason, batch.ItemCount);
        return Full;
    }

    private async ValueTask<ConsumeResult> AnswerAsync(ValueTask<bool> pending, long bytes) =>
        Answer(await pending.ConfigureAwait(false), bytes);

    private ConsumeResult Answer(bool taken, long bytes)
    {
        if (taken)
        {
            return ConsumeResult.Accepted;
        }

        _held.Add(-bytes);
        return Stopped;
    }

    // Null when the limit on combinations is reached.
    private BatchShard? FindShard(OtlpBatch batch)
    {
        if (_only is not null)
        {
            return _only;
        }

        var key = _partition.KeyOf(batch.Metadata);
        if (_shards.TryGetValue(key, out var shard))
        {
            return shard;
        }

        lock (_adding)
        {
            if (_shards.TryGetValue(key, out shard))
            {
                return shard;
            }

            if (_stopped == 1 || _shards.Count >= _config.MetadataCardinalityLimit)
            {
                return null;
            }

            shard = new BatchShard(_settings, _sender, _partition.HeadersOf(batch.Metadata));
            _shards[key] = shard;
            return shard;
        }
    }
}
