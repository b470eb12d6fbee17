using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Redis;

namespace TelemetryPipeline.Receiver.RedisStreams;

/// <summary>
/// Reads one key as a member of the group: first what the consumer left unfinished, then what is new, and from time to
/// time what others left behind. One entry after the other, so that they are forwarded in order.
/// </summary>
/// <remarks>
/// Redis is asked again and again, with pauses that double while there is nothing. A read that blocks in Redis would
/// hold up everything else on its connection, and with a cluster every key would need a connection of its own.
/// </remarks>
internal sealed partial class GroupReader
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StatisticsInterval = TimeSpan.FromSeconds(5);

    // The id below all others: where a stream begins, and what a claim that came to the end answers.
    private static readonly RedisValue LowestId = "0-0";

    private readonly string _name;
    private readonly RedisKey _key;
    private readonly RedisStreamsReceiverConfig _config;
    private readonly RedisLink _link;
    private readonly IReadOnlyList<Outlet> _outlets;
    private readonly TimeProvider _time;
    private readonly ReaderCounters _counters;
    private readonly ReaderHealth _health;
    private readonly HeldEntries _held;
    private readonly EntryDelivery _delivery;
    private readonly BackgroundWork _background;
    private TimeSpan _pause = FirstPause;
    private TimeSpan _backoff = FirstBackoff;
    private bool _hasGroup;
    private bool _wasRead;
    private bool _ownIsDone;
    private long _claimedAt;
    private long _statisticsAt;

    public GroupReader(
        string key, RedisStreamsReceiverConfig config, RedisLink link, IReadOnlyList<Outlet> outlets, ComponentContext context,
        ReaderHealth health)
    {
        _name = key;
        _key = key;
        _config = config;
        _link = link;
        _outlets = outlets;
        _time = context.Time;
        _log = context.Loggers.CreateLogger<GroupReader>();
        _background = context.Background;
        _counters = new ReaderCounters(key, context);
        _health = health;
        _held = new HeldEntries(key, config, link, _time);
        _delivery = new EntryDelivery(key, config, outlets, _counters, _held, context);
    }

    /// <summary>Reads until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        await _background.RepeatAsync("stream_reader", StepAsync, stop, _name).ConfigureAwait(false);
        await _background.RunAsync("stream_reader", LeaveAsync).ConfigureAwait(false);
    }

    private async ValueTask<bool> StepAsync(CancellationToken stop)
    {
        try
        {
            var database = await _link.DatabaseAsync(stop).ConfigureAwait(false);
            var found = await ReadOnceAsync(database, stop).ConfigureAwait(false);
            Works();
            _backoff = FirstBackoff;
            _pause = found ? FirstPause : Doubled(_pause, _config.PollInterval);
            if (!found)
            {
                await DelayAsync(_pause, stop).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (RedisFailure.IsExpected(e))
        {
            Fails(e);
            await DelayAsync(_backoff, stop).ConfigureAwait(false);
            _backoff = Doubled(_backoff, LongestBackoff);
        }

        return true;
    }

    private static TimeSpan Doubled(TimeSpan time, TimeSpan most) => time + time < most ? time + time : most;

    private async Task DelayAsync(TimeSpan time, CancellationToken stop) =>
        await Task.Delay(time, _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <summary>One look at the stream.</summary>
    /// <returns>Whether there was anything.</returns>
    private async Task<bool> ReadOnceAsync(IDatabase database, CancellationToken stop)
    {
        await EnsureGroupAsync(database, stop).ConfigureAwait(false);
        await ShowGroupAsync(database, stop).ConfigureAwait(false);
        if (!IsAdmitted())
        {
            return false;
        }

        if (!_ownIsDone)
        {
            return await ReadOwnAsync(database, stop).ConfigureAwait(false);
        }

        if (_time.GetElapsedTime(_claimedAt) >= _config.ClaimMinIdle / 2)
        {
            // Also where claiming fails: what is new must not wait for entries that cannot be handled.
            _claimedAt = _time.GetTimestamp();
            await ClaimAsync(database, stop).ConfigureAwait(false);
        }

        var entries = await database.StreamReadGroupAsync(
            _key, _config.Group, _config.Consumer, StreamPosition.NewMessages, _config.BatchSize, flags: CommandFlags.DemandMaster)
            .WaitAsync(stop).ConfigureAwait(false);
        _wasRead = true;
        return await HandleAsync(database, entries, null, stop).ConfigureAwait(false);
    }

    // Asked before anything is read: what is not read needs no memory here, and other consumers may take it.
    private bool IsAdmitted()
    {
        foreach (var signal in SignalNames.All)
        {
            if (_outlets[(int)signal].IsConnected && !_outlets[(int)signal].Admit(signal).IsAccepted)
            {
                return false;
            }
        }

        return true;
    }

    private async Task EnsureGroupAsync(IDatabase database, CancellationToken stop)
    {
        if (_hasGroup)
        {
            return;
        }

        // Where the key went away and came back, everything in it is new.
        var from = _config.FromBeginning || _wasRead ? LowestId : StreamPosition.NewMessages;
        try
        {
            await database.StreamCreateConsumerGroupAsync(_key, _config.Group, from, createStream: true, CommandFlags.DemandMaster)
                .WaitAsync(stop).ConfigureAwait(false);
        }
        catch (RedisServerException e) when (e.Message.StartsWith("BUSYGROUP", StringComparison.Ordinal))
        {
            // Another collector, or an earlier run, has made it.
        }

        _hasGroup = true;
    }

    private async Task<bool> ReadOwnAsync(IDatabase database, CancellationToken stop)
    {
        var entries = await database.StreamReadGroupAsync(
            _key, _config.Group, _config.Consumer, LowestId, _config.BatchSize, flags: CommandFlags.DemandMaster)
            .WaitAsync(stop).ConfigureAwait(false);
        _ownIsDone = entries.Length < _config.BatchSize;
        return await HandleAgainAsync(database, entries, stop).ConfigureAwait(false);
    }

    private async Task ClaimAsync(IDatabase database, CancellationToken stop)
    {
        var from = LowestId;
        do
        {
            var claimed = await database.StreamAutoClaimAsync(
                _key, _config.Group, _config.Consumer, (long)_config.ClaimMinIdle.TotalMilliseconds, from, _config.BatchSize, CommandFlags.DemandMaster)
                .WaitAsync(stop).ConfigureAwait(false);
            from = claimed.NextStartId;
            _counters.Claimed.Add(claimed.ClaimedEntries.Length);
            await HandleAgainAsync(database, claimed.ClaimedEntries, stop).ConfigureAwait(false);
        }
        while (from != LowestId && !from.IsNull && !stop.IsCancellationRequested);
    }

    /// <summary>Handles entries that were delivered before, to this consumer or to another.</summary>
    private async Task<bool> HandleAgainAsync(IDatabase database, StreamEntry[] entries, CancellationToken stop)
    {
        if (entries.Length == 0)
        {
            return false;
        }

        // Neither of the two commands says how often an entry was delivered.
        var deliveries = new Dictionary<RedisValue, int>();
        var pending = await database.StreamPendingMessagesAsync(
            _key, _config.Group, entries.Length, _config.Consumer, entries[0].Id, entries[^1].Id, flags: CommandFlags.DemandMaster)
            .WaitAsync(stop).ConfigureAwait(false);
        foreach (var entry in pending)
        {
            deliveries[entry.MessageId] = entry.DeliveryCount;
        }

        return await HandleAsync(database, entries, deliveries, stop).ConfigureAwait(false);
    }

    private async Task<bool> HandleAsync(
        IDatabase database, StreamEntry[] entries, Dictionary<RedisValue, int>? deliveries, CancellationToken stop)
    {
        if (entries.Length == 0)
        {
            return false;
        }

        _held.Begin(entries);
        var done = new List<RedisValue>(entries.Length);
        try
        {
            foreach (var entry in entries)
            {
                var count = deliveries?.GetValueOrDefault(entry.Id, 1) ?? 1;
                if (!await _delivery.DeliverAsync(database, entry, count, stop).ConfigureAwait(false))
                {
                    break;
                }

                done.Add(entry.Id);
                _held.Done(entry.Id);
            }
        }
        finally
        {
            // Also when it is cut short: what was forwarded must not come again.
            if (done.Count > 0)
            {
                await database.StreamAcknowledgeAsync(_key, _config.Group, [.. done], CommandFlags.DemandMaster).ConfigureAwait(false);
                _counters.Acknowledged.Add(done.Count);
            }
        }

        return true;
    }

    private async Task ShowGroupAsync(IDatabase database, CancellationToken stop)
    {
        if (_statisticsAt != 0 && _time.GetElapsedTime(_statisticsAt) < StatisticsInterval)
        {
            return;
        }

        _statisticsAt = _time.GetTimestamp();
        foreach (var group in await database.StreamGroupInfoAsync(_key, CommandFlags.DemandMaster).WaitAsync(stop).ConfigureAwait(false))
        {
            if (group.Name == _config.Group)
            {
                _counters.SetGroup(group.Lag, group.PendingMessageCount);
            }
        }
    }

    // A consumer that has nothing pending leaves no trace; one that has is found by the others when they claim.
    private async Task LeaveAsync()
    {
        try
        {
            var database = await _link.DatabaseAsync(CancellationToken.None).ConfigureAwait(false);
            foreach (var consumer in await database.StreamConsumerInfoAsync(_key, _config.Group, CommandFlags.DemandMaster).ConfigureAwait(false))
            {
                if (consumer.Name == _config.Consumer && consumer.PendingMessageCount == 0)
                {
                    await database.StreamDeleteConsumerAsync(_key, _config.Group, _config.Consumer, CommandFlags.DemandMaster).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (RedisFailure.IsExpected(e))
        {
            LogNotLeft(_name, RedisFailure.Of(e).Message);
        }
    }
}
