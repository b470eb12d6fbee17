using System.Buffers;
using StackExchange.Redis;
using TelemetryPipeline.Redis;

namespace TelemetryPipeline.Exporters.RedisStreams;

/// <summary>
/// The commands of one attempt that wait for their answers, at most so many, and what the answers were. Used again from
/// attempt to attempt; not thread-safe.
/// </summary>
internal sealed class EntryWindow
{
    private readonly Task<RespResult>?[] _tasks;
    private readonly int[] _entries;
    private readonly int[] _items;
    private readonly Action<RedisFailure> _failed;
    private EntryState[] _states = [];
    private int _entryCount;
    private int _head;
    private int _count;
    private CancellationToken _cancellation;

    /// <param name="capacity">The most commands under way, 1 or more.</param>
    /// <param name="failed">Told of every command that failed.</param>
    public EntryWindow(int capacity, Action<RedisFailure> failed)
    {
        _tasks = new Task<RespResult>?[capacity];
        _entries = new int[capacity];
        _items = new int[capacity];
        _failed = failed;
    }

    /// <summary>A failure that is worth another attempt; nothing more should be sent in this one.</summary>
    public RedisFailure? Failure { get; private set; }

    /// <summary>Why entries were refused for good; null where none were.</summary>
    public RedisFailure? Rejection { get; private set; }

    /// <summary>Items in entries that were refused for good, those of earlier attempts included.</summary>
    public int RejectedItems { get; private set; }

    /// <summary>Entries written in this attempt.</summary>
    public int Written { get; private set; }

    /// <summary>Begins an attempt.</summary>
    /// <param name="entryCount">Entries of the batch.</param>
    /// <param name="former">What earlier attempts have reached.</param>
    /// <param name="cancellation">Ends waiting for answers.</param>
    public void Begin(int entryCount, DeliveryProgress? former, CancellationToken cancellation)
    {
        _states = ArrayPool<EntryState>.Shared.Rent(Math.Max(entryCount, 1));
        _entryCount = entryCount;
        _cancellation = cancellation;
        _states.AsSpan(0, entryCount).Clear();
        former?.States.AsSpan(0, Math.Min(former.States.Length, entryCount)).CopyTo(_states);
        RejectedItems = former?.RejectedItems ?? 0;
        Rejection = RejectedItems > 0 ? former!.Rejection : null;
        Failure = null;
        Written = 0;
    }

    /// <summary>Whether an entry still has to be written.</summary>
    public bool IsOpen(int entry) => _states[entry] == EntryState.Open;

    /// <summary>Takes a command that was sent, and waits for the older half where there are too many.</summary>
    /// <param name="command">The command; null when it could not be sent, which <see cref="Fail"/> was told.</param>
    /// <param name="entry">The number of its entry.</param>
    /// <param name="items">Items in the entry.</param>
    public ValueTask AddAsync(Task<RespResult>? command, int entry, int items)
    {
        if (command is null)
        {
            return default;
        }

        var at = (_head + _count) % _tasks.Length;
        _tasks[at] = command;
        _entries[at] = entry;
        _items[at] = items;
        _count++;
        return _count < _tasks.Length ? default : TakeAsync((_count + 1) / 2);
    }

    /// <summary>Takes note of a failure.</summary>
    public void Fail(RedisFailure failure, int entry, int items)
    {
        _failed(failure);
        if (failure.IsPermanent)
        {
            _states[entry] = EntryState.Rejected;
            RejectedItems += items;
            Rejection ??= failure;
        }
        else
        {
            Failure ??= failure;
        }
    }

    /// <summary>Waits for all answers.</summary>
    public ValueTask DrainAsync() => _count == 0 ? default : TakeAsync(_count);

    /// <summary>Ends the attempt.</summary>
    /// <param name="isCut">Whether it ended before its time, so that there will be another.</param>
    /// <returns>What the next attempt has to know; null where there will be none, or nothing was reached.</returns>
    public DeliveryProgress? End(bool isCut)
    {
        var states = _states.AsSpan(0, _entryCount);
        var done = 0;
        foreach (var state in states)
        {
            done += state == EntryState.Open ? 0 : 1;
        }

        var isPartial = done > 0 && (isCut || Failure is not null);
        var progress = isPartial ? new DeliveryProgress(states.ToArray(), RejectedItems, Rejection ?? default) : null;
        ArrayPool<EntryState>.Shared.Return(_states);
        _states = [];
        _entryCount = 0;

        // Commands that nobody waits for any more go their way; whether they were carried out is not known.
        Array.Clear(_tasks);
        _count = 0;
        _cancellation = default;
        return progress;
    }

    // Answers come in the order of the commands, so one wait for the last of them saves the waits for the others. (With
    // several connections some of those remain.)
    private async ValueTask TakeAsync(int count)
    {
        Task last = _tasks[(_head + count - 1) % _tasks.Length]!;
        await last.WaitAsync(_cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _cancellation.ThrowIfCancellationRequested();
        for (; count > 0; count--)
        {
            await TakeOldestAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask TakeOldestAsync()
    {
        var at = _head;
        var command = _tasks[at]!;
        try
        {
            using (command.IsCompletedSuccessfully ? command.Result : await command.WaitAsync(_cancellation).ConfigureAwait(false))
            {
                _states[_entries[at]] = EntryState.Written;
                Written++;
            }
        }
        catch (Exception e) when (RedisFailure.IsExpected(e))
        {
            Fail(RedisFailure.Of(e), _entries[at], _items[at]);
        }

        _tasks[at] = null;
        _head = (at + 1) % _tasks.Length;
        _count--;
    }
}
