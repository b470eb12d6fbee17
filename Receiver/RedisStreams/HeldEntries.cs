using StackExchange.Redis;
using TelemetryPipeline.Redis;

namespace TelemetryPipeline.Receiver.RedisStreams;

/// <summary>
/// The entries that a reader has in hand. While their delivery takes long it tells Redis from time to time that it is
/// still at them, so that no other consumer takes them over.
/// </summary>
internal sealed class HeldEntries(RedisKey key, RedisStreamsReceiverConfig config, RedisLink link, TimeProvider time)
{
    private const int TouchesInIdle = 3;

    private readonly List<RedisValue> _ids = [];
    private long _touchedAt;

    /// <summary>Time between two signs of life.</summary>
    public TimeSpan TouchInterval { get; } = config.ClaimMinIdle / TouchesInIdle;

    /// <summary>Takes entries into hand that were just read or claimed.</summary>
    public void Begin(IEnumerable<StreamEntry> entries)
    {
        _ids.Clear();
        foreach (var entry in entries)
        {
            _ids.Add(entry.Id);
        }

        _touchedAt = time.GetTimestamp();
    }

    /// <summary>An entry is done with.</summary>
    public void Done(RedisValue id) => _ids.Remove(id);

    /// <summary>Waits, with signs of life.</summary>
    /// <param name="work">What is waited for.</param>
    /// <param name="stop">Ends waiting.</param>
    public async Task WaitAsync(Task work, CancellationToken stop)
    {
        while (!work.IsCompleted)
        {
            using var next = CancellationTokenSource.CreateLinkedTokenSource(stop);
            await Task.WhenAny(work, Task.Delay(TouchInterval, time, next.Token)).ConfigureAwait(false);
            await next.CancelAsync().ConfigureAwait(false);
            if (stop.IsCancellationRequested)
            {
                return;
            }

            await TouchAsync(stop).ConfigureAwait(false);
        }
    }

    /// <summary>Gives a sign of life where it is time to. One that does not get through is made up for by the next.</summary>
    public async Task TouchAsync(CancellationToken stop)
    {
        if (_ids.Count == 0 || time.GetElapsedTime(_touchedAt) < TouchInterval)
        {
            return;
        }

        _touchedAt = time.GetTimestamp();
        try
        {
            var database = await link.DatabaseAsync(stop).ConfigureAwait(false);
            await database.StreamClaimIdsOnlyAsync(key, config.Group, config.Consumer, 0, [.. _ids]).WaitAsync(stop).ConfigureAwait(false);
        }
        catch (Exception e) when (RedisFailure.IsExpected(e))
        {
            // Another consumer may take them over then, and deliver them a second time: at least once.
        }
    }
}
