using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Lookups;

/// <summary>
/// Remembers the values of a server. A key that is not known, or whose time is up, is noted for the background, which
/// fetches many at once; spans never wait. Values outlive their time while the server does not answer.
/// </summary>
internal sealed partial class CachedLookup : IValueLookup
{
    /// <summary>Keys that may wait to be fetched; more are left to the next span that has them.</summary>
    public const int AskedMax = 10_000;

    private const int FetchMax = 256;
    private const int KeyBytesMax = 256;
    private const int ValueBytesMax = 4096;

    // A value is used for so many times its time to live when it cannot be fetched again.
    private const int StaleFactor = 10;

    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    private readonly LookupConfig _config;
    private readonly ILookupSource _source;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<byte[], CachedValue> _values = new(Utf8Comparer.Instance);
    private readonly ConcurrentDictionary<byte[], CachedValue>.AlternateLookup<ReadOnlySpan<byte>> _find;
    private readonly ConcurrentDictionary<byte[], byte> _asked = new(Utf8Comparer.Instance);
    private readonly ConcurrentDictionary<byte[], byte>.AlternateLookup<ReadOnlySpan<byte>> _findAsked;
    private readonly Channel<byte[]> _queue = Channel.CreateBounded<byte[]>(
        new BoundedChannelOptions(AskedMax) { SingleReader = true });

    private readonly CancellationTokenSource _stop = new();

    // Keys in the order in which they came, for eviction. Only the background touches it.
    private readonly Queue<byte[]> _order = [];
    private readonly List<byte[]> _keys = new(FetchMax);
    private readonly BackgroundWork _background;
    private TaskCompletionSource _round = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _worker;
    private bool _disposed;

    public CachedLookup(LookupConfig config, ILookupSource source, ComponentContext context)
    {
        _config = config;
        _source = source;
        _time = context.Time;
        _background = context.Background;
        _find = _values.GetAlternateLookup<ReadOnlySpan<byte>>();
        _findAsked = _asked.GetAlternateLookup<ReadOnlySpan<byte>>();
        _log = context.Loggers.CreateLogger<CachedLookup>();
        (string, string)[] labels = [("processor", context.Id.ToString()), ("lookup", config.To)];
        _failures = context.Metrics.Counter(FailureMetric, "Fetches that the server of a lookup did not answer.", labels);
        _overflows = context.Metrics.Counter(OverflowMetric, "Keys not fetched because too many were waiting.", labels);
        context.Metrics.Gauge(EntriesMetric, "Keys remembered by a lookup.", () => _order.Count, labels);
    }

    /// <summary>Completes when the next round of answers, or of failures, has come in.</summary>
    public Task NextRound => Volatile.Read(ref _round).Task;

    /// <inheritdoc/>
    public void Start() => _worker ??= _background.RepeatAsync("lookup", FetchRoundAsync, _stop.Token, _config.To);

    /// <inheritdoc/>
    public LookupAnswer Find(ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (key.Length > KeyBytesMax)
        {
            return LookupAnswer.None;
        }

        var now = _time.GetTimestamp();
        if (!_find.TryGetValue(key, out var known))
        {
            Ask(key);
            return LookupAnswer.Unknown;
        }

        known.Used = true;
        if (now >= known.RefreshAt)
        {
            Ask(key);
        }

        if (now >= known.GoneAt)
        {
            return LookupAnswer.Unknown;
        }

        value = known.Value;
        return known.Value is null ? LookupAnswer.None : LookupAnswer.Found;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_worker is not null)
        {
            await _worker.ConfigureAwait(false);
        }

        await _source.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private void Ask(ReadOnlySpan<byte> key)
    {
        if (_findAsked.ContainsKey(key))
        {
            return;
        }

        var copy = key.ToArray();
        if (!_asked.TryAdd(copy, 0))
        {
            return;
        }

        if (!_queue.Writer.TryWrite(copy))
        {
            _asked.TryRemove(copy, out _);
            _overflows.Add(1);
        }
    }

    private async ValueTask<bool> FetchRoundAsync(CancellationToken stop)
    {
        if (!await _queue.Reader.WaitToReadAsync(stop).ConfigureAwait(false))
        {
            return false;
        }

        _keys.Clear();
        while (_keys.Count < FetchMax && _queue.Reader.TryRead(out var key))
        {
            _keys.Add(key);
        }

        bool isAnswered;
        try
        {
            isAnswered = await FetchAsync(_keys, stop).ConfigureAwait(false);
        }
        finally
        {
            // Also after an unexpected error: the next span that needs one of the keys must be able to request it again.
            foreach (var key in _keys)
            {
                _asked.TryRemove(key, out _);
            }

            Interlocked.Exchange(ref _round, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        }

        if (!isAnswered)
        {
            await Task.Delay(PauseAfterFailure, _time, stop).ConfigureAwait(false);
        }

        return true;
    }

    private async Task<bool> FetchAsync(List<byte[]> keys, CancellationToken stop)
    {
        try
        {
            var values = await _source.FetchAsync(keys, stop).ConfigureAwait(false);
            for (var i = 0; i < keys.Count; i++)
            {
                Remember(keys[i], values[i] is { Length: <= ValueBytesMax } value ? value : null);
            }

            Answered();
            return true;
        }
        catch (LookupFailedException e)
        {
            Failed(e);
            return false;
        }
    }

    private void Remember(byte[] key, byte[]? value)
    {
        var live = (value is null ? _config.MissTimeToLive : _config.TimeToLive).TotalSeconds * _time.TimestampFrequency;
        var now = _time.GetTimestamp();
        var known = new CachedValue(value, now + (long)live, now + (long)(live * StaleFactor));
        if (_values.TryAdd(key, known))
        {
            _order.Enqueue(key);
            Evict();
        }
        else
        {
            _values[key] = known;
        }
    }

    /// <summary>Lets go of the oldest key that was not asked for since eviction last passed by it.</summary>
    private void Evict()
    {
        while (_order.Count > _config.CacheSize)
        {
            var oldest = _order.Dequeue();
            if (_values.TryGetValue(oldest, out var known) && known.Used && _order.Count > 0)
            {
                known.Used = false;
                _order.Enqueue(oldest);
                continue;
            }

            _values.TryRemove(oldest, out _);
        }
    }
}
