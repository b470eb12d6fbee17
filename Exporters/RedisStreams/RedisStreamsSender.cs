using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using StackExchange.Redis;
using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Editing;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Sending;
using TelemetryPipeline.Redis;

namespace TelemetryPipeline.Exporters.RedisStreams;

/// <summary>
/// Writes batches to Redis Streams with pipelined <c>XADD</c>. Of a batch that was written in part, the next attempt
/// writes the other part; an entry whose answer was lost is written again, with the same id.
/// </summary>
internal sealed partial class RedisStreamsSender : ISender, IAsyncDisposable
{
    private const int ExpiryRenewals = 4;
    private const int AttemptsWithoutQueue = 16;
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ExpiryIntervalMax = TimeSpan.FromSeconds(10);

    private readonly RedisStreamsExporterConfig _config;
    private readonly TimeProvider _time;
    private readonly BackgroundWork _background;
    private readonly RedisLink _link;
    private readonly StreamRouter _router;
    private readonly ConcurrentBag<EntryWork> _idle = [];
    private readonly ConditionalWeakTable<OtlpBatch, DeliveryProgress> _progress = [];
    private readonly SemaphoreSlim _attempts;
    private readonly Func<OtlpBatch, CancellationToken, ValueTask<ConsumeResult>> _sendOnce;
    private readonly int _windowCapacity;
    private readonly TimeSpan _expiryInterval;
    private readonly ValueLimit _valueLimit = new();

    /// <summary>A sender; connects with the first batch.</summary>
    public RedisStreamsSender(ComponentContext context, RedisStreamsExporterConfig config)
    {
        _config = config;
        _sendOnce = SendOnceAsync;
        _time = context.Time;
        _background = context.Background;
        _link = new RedisLink(config.Connection, config.Sending.Timeout > TimeSpan.Zero ? config.Sending.Timeout : DefaultTimeout, context);
        _metrics = context.Metrics;
        _exporter = context.Id.ToString();
        _written = Counter("entries", "Entries written to streams.");
        var streams = new StreamTable(config, Counter("overflow_items", "Items written to the stream _overflow because there were too many streams."));
        Gauge("names", "Streams that attributes in the stream's name have made.", () => streams.Count);
        _router = new StreamRouter(config, streams);
        var consumers = config.Sending.Queue.Enabled ? config.Sending.Queue.NumConsumers : AttemptsWithoutQueue;
        var attempts = Math.Min(consumers, config.MaxInFlight);
        _attempts = new SemaphoreSlim(attempts, attempts);
        _windowCapacity = config.MaxInFlight / attempts;
        _expiryInterval = config.TimeToLive / ExpiryRenewals < ExpiryIntervalMax ? config.TimeToLive / ExpiryRenewals : ExpiryIntervalMax;
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation)
    {
        _link.Load();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellation) => await DisposeAsync().ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _link.DisposeAsync().ConfigureAwait(false);
        while (_idle.TryTake(out var work))
        {
            work.Dispose();
        }
    }

    /// <inheritdoc/>
    public ValueTask<ConsumeResult> SendAsync(OtlpBatch batch, CancellationToken cancellation) =>

        // Entries of one item cannot be made smaller.
        _config.Encoding == StreamEncoding.Flat ? SendOnceAsync(batch, cancellation) : BatchHalves.SendAsync(batch, _sendOnce, cancellation);

    private async ValueTask<ConsumeResult> SendOnceAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        // Applies changes: from here on views show the bytes themselves.
        _ = batch.Chunks;
        if (batch.ItemCount == 0)
        {
            return ConsumeResult.Accepted;
        }

        await _attempts.WaitAsync(cancellation).ConfigureAwait(false);
        if (!_idle.TryTake(out var work))
        {
            work = new EntryWork(_config, _windowCapacity, _time, Failed);
        }

        try
        {
            var database = await _link.DatabaseAsync(cancellation).ConfigureAwait(false);
            await _valueLimit.AskAgainAsync(database).ConfigureAwait(false);
            return await SendAsync(batch, database, work, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (RedisFailure.IsExpected(e))
        {
            var failure = RedisFailure.Of(e);
            Failed(failure);
            return ConsumeResult.Retry(failure.Reason, Message(failure));
        }
        finally
        {
            _idle.Add(work);
            _attempts.Release();
        }
    }

    private async ValueTask<ConsumeResult> SendAsync(OtlpBatch batch, IDatabase database, EntryWork work, CancellationToken cancellation)
    {
        var window = work.Window;
        _progress.TryGetValue(batch, out var former);
        window.Begin(batch.ItemCount, former, cancellation);
        var isCut = true;
        try
        {
            await WriteAsync(batch, database, work).ConfigureAwait(false);
            await window.DrainAsync().ConfigureAwait(false);
            isCut = false;
        }
        finally
        {
            work.Flat.Forget();
            _written.Add(window.Written);
            _progress.Remove(batch);
            if (window.End(isCut) is { } progress)
            {
                _progress.Add(batch, progress);
            }
        }

        if (window.Failure is { } failure)
        {
            _valueLimit.Doubt(failure, batch.ByteCount);
            return ConsumeResult.Retry(failure.Reason, Message(failure));
        }

        return window.Rejection is { } rejection
            ? ConsumeResult.Rejected(rejection.Reason, Message(rejection), window.RejectedItems)
            : ConsumeResult.Accepted;
    }

    private ValueTask WriteAsync(OtlpBatch batch, IDatabase database, EntryWork work)
    {
        if (_config.Encoding == StreamEncoding.Flat)
        {
            return WriteItemsAsync(batch, database, work);
        }

        return _router.KeepsBatchesWhole ? WriteWholeAsync(batch, null, database, work) : WriteByPlaceAsync(batch, database, work);
    }

    private async ValueTask WriteItemsAsync(OtlpBatch batch, IDatabase database, EntryWork work)
    {
        var window = work.Window;
        var entry = 0;
        for (var i = 0; i < batch.ViewCount; i++)
        {
            var view = batch.View(i);
            for (var item = 0; item < view.ItemNodes.Length && window.Failure is null; item++, entry++)
            {
                if (window.IsOpen(entry))
                {
                    await window.AddAsync(WriteItem(view, item, entry, database, work), entry, 1).ConfigureAwait(false);
                }
            }
        }
    }

    private Task<RespResult>? WriteItem(OtlpView view, int item, int number, IDatabase database, EntryWork work)
    {
        var id = work.Flat.Identify(view, item);
        var route = _router.RouteOf(view, item, (ulong)id, work.Scratch);
        work.Entry.Clear();
        work.Flat.Encode(view, item, id, work.Entry);
        return Add(route, work.Arguments.Of(route, work.Entry), number, 1, database, work);
    }

    /// <summary>Writes a batch as one entry.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="place">Where it goes; null finds it from the content.</param>
    /// <param name="database">The database.</param>
    /// <param name="work">The attempt's memory.</param>
    private async ValueTask WriteWholeAsync(OtlpBatch batch, Route? place, IDatabase database, EntryWork work)
    {
        if (work.Window.IsOpen(0))
        {
            await work.Window.AddAsync(WriteRequest(batch, place, 0, database, work), 0, batch.ItemCount).ConfigureAwait(false);
        }
    }

    private async ValueTask WriteByPlaceAsync(OtlpBatch batch, IDatabase database, EntryWork work)
    {
        var places = ArrayPool<int>.Shared.Rent(batch.ItemCount);
        try
        {
            FindPlaces(batch, places, work);
            if (work.Places.Count == 1)
            {
                await WriteWholeAsync(batch, work.Places[0], database, work).ConfigureAwait(false);
                return;
            }

            for (var place = 0; place < work.Places.Count && work.Window.Failure is null; place++)
            {
                if (work.Window.IsOpen(place))
                {
                    using var part = new OtlpBatch(RequestCutter.Copy(batch, places.AsSpan(0, batch.ItemCount), place));
                    await work.Window.AddAsync(WriteRequest(part, work.Places[place], place, database, work), place, part.ItemCount)
                        .ConfigureAwait(false);
                }
            }
        }
        finally
        {
            ArrayPool<int>.Shared.Return(places);
            work.Places.Clear();
            work.PlaceNumbers.Clear();
        }
    }

    private void FindPlaces(OtlpBatch batch, Span<int> places, EntryWork work)
    {
        ulong hash = 0;
        foreach (var chunk in batch.Chunks)
        {
            hash = (hash * 31) + XxHash3.HashToUInt64(chunk.Bytes);
        }

        var last = default(Route);
        var number = -1;
        var at = 0;
        for (var i = 0; i < batch.ViewCount; i++)
        {
            var view = batch.View(i);
            for (var item = 0; item < view.ItemNodes.Length; item++)
            {
                var route = _router.RouteOf(view, item, hash, work.Scratch);
                if ((number < 0 || route != last) && !work.PlaceNumbers.TryGetValue(route, out number))
                {
                    number = work.Places.Count;
                    work.Places.Add(route);
                    work.PlaceNumbers.Add(route, number);
                }

                last = route;
                places[at++] = number;
            }
        }
    }

    private Task<RespResult>? WriteRequest(OtlpBatch batch, Route? place, int number, IDatabase database, EntryWork work)
    {
        if (batch.ByteCount > ValueLimit.Highest)
        {
            return RefuseTooLarge(batch, number, work);
        }

        var chunks = batch.Chunks;
        if (_config.Encoding == StreamEncoding.OtlpProto && chunks.Count == 1)
        {
            return WriteData(batch, place, chunks[0].Memory, number, database, work);
        }

        using var data = new PooledBuffer((int)batch.ByteCount);
        if (_config.Encoding == StreamEncoding.OtlpJson)
        {
            JsonPayload.Encode(batch, data);
        }
        else
        {
            foreach (var chunk in chunks)
            {
                data.Write(chunk.Bytes);
            }
        }

        return WriteData(batch, place, data.Written, number, database, work);
    }

    private Task<RespResult>? RefuseTooLarge(OtlpBatch batch, int number, EntryWork work)
    {
        var message = $"the entry is longer than the server's proto-max-bulk-len of {_valueLimit.Bytes} bytes";
        work.Window.Fail(new RedisFailure(BatchHalves.TooLarge, message, IsPermanent: true), number, batch.ItemCount);
        return null;
    }

    private Task<RespResult>? WriteData(
        OtlpBatch batch, Route? place, ReadOnlyMemory<byte> data, int number, IDatabase database, EntryWork work)
    {
        if (data.Length > _valueLimit.Bytes)
        {
            return RefuseTooLarge(batch, number, work);
        }

        var id = XxHash128.HashToUInt128(data.Span);
        var route = place ?? new Route(_router.Whole(batch.Signal), _router.PartitionOf((ulong)id));
        var items = batch.ItemCount;
        return Add(route, work.Arguments.Of(route, batch.Signal, id, items, data), number, items, database, work);
    }

    private Task<RespResult>? Add(
        in Route route, ReadOnlyMemory<RedisKeyOrValue> arguments, int number, int items, IDatabase database, EntryWork work)
    {
        try
        {
            var command = database.ExecuteRespAsync("XADD", arguments, CommandFlags.DemandMaster);
            if (_config.TimeToLive > TimeSpan.Zero)
            {
                RenewExpiry(route, database);
            }

            return command;
        }
        catch (Exception e) when (RedisFailure.IsExpected(e))
        {
            work.Window.Fail(RedisFailure.Of(e), number, items);
            return null;
        }
    }

    // A key lives for an interval longer than it was told to, so that it never goes early between two renewals.
    private void RenewExpiry(in Route route, IDatabase database)
    {
        var interval = (long)(_expiryInterval.TotalSeconds * _time.TimestampFrequency);
        if (route.Stream.TakeExpiry(route.Partition, _time.GetTimestamp(), interval))
        {
            var due = route;
            _ = _background.RunAsync("key_expiry", () => SetExpiryAsync(due, database));
        }
    }

    private async Task SetExpiryAsync(Route route, IDatabase database)
    {
        try
        {
            await database.KeyExpireAsync(route.Stream[route.Partition], _config.TimeToLive + _expiryInterval, flags: CommandFlags.DemandMaster)
                .ConfigureAwait(false);
        }
        catch (Exception e) when (RedisFailure.IsExpected(e))
        {
            route.Stream.ForgetExpiry(route.Partition);
            Failed(RedisFailure.Of(e));
        }
    }

    private string Message(in RedisFailure failure) => $"cannot write to Redis at {_config.Connection}: {failure.Message}";
}
