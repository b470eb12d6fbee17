using Microsoft.AspNetCore.Connections;

namespace TelemetryPipeline.Pipeline.Listening;

/// <summary>
/// The open connections of a listener, up to a limit. At the limit a new connection replaces the one that has
/// waited for its client for longest: for a request, or for <see cref="WaitMin"/> and longer within one. So idle and slow
/// clients, however many, keep nobody out.
/// </summary>
/// <remarks>
/// A connection that has not sent a complete request counts as idle. Thread-safe. Requests cost no lock; at the limit an
/// accepted connection costs a walk over all of them.
/// </remarks>
/// <param name="limit">Connections at a time, 1 or more.</param>
/// <param name="time">The clock.</param>
/// <param name="prefersIdle">Whether connections within a request are replaced only where none is idle.</param>
internal sealed class ConnectionTable(int limit, TimeProvider time, bool prefersIdle = false)
{
    /// <summary>How long a request is left alone while it waits for its client.</summary>
    internal static readonly TimeSpan WaitMin = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly List<ListenerConnection> _connections = [];
    private long _replacedCount;
    private long _refusedCount;

    /// <summary>Open connections.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _connections.Count;
            }
        }
    }

    /// <summary>Connections that were closed for newer ones.</summary>
    public long ReplacedCount => Interlocked.Read(ref _replacedCount);

    /// <summary>Connections that were closed at once, since none could be replaced.</summary>
    public long RefusedCount => Interlocked.Read(ref _refusedCount);

    /// <summary>Keeps a connection in the table while it is open: a connection middleware.</summary>
    public async Task OnConnectionAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var entry = new ListenerConnection(connection, time);
        if (!TryAdd(entry))
        {
            Interlocked.Increment(ref _refusedCount);
            entry.Abort("The listener has too many connections.");
            return;
        }

        connection.Features.Set(entry);
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
            {
                Remove(entry);
            }
        }
    }

    /// <summary>Adds a connection; at the limit it replaces another one.</summary>
    /// <returns>False where none may be replaced.</returns>
    internal bool TryAdd(ListenerConnection entry)
    {
        ListenerConnection? replaced = null;
        lock (_lock)
        {
            if (_connections.Count >= limit)
            {
                replaced = FindReplaceable();
                if (replaced is null)
                {
                    return false;
                }

                Remove(replaced);
            }

            entry.Index = _connections.Count;
            _connections.Add(entry);
        }

        if (replaced is not null)
        {
            Interlocked.Increment(ref _replacedCount);
            replaced.Abort("The connection waited for its client while the listener had no place for a new one.");
        }

        return true;
    }

    private ListenerConnection? FindReplaceable()
    {
        ListenerConnection? idle = null;
        ListenerConnection? waiting = null;
        foreach (var connection in _connections)
        {
            if (connection.IsIdle)
            {
                idle = Older(idle, connection);
            }
            else if (connection.IsWaiting)
            {
                waiting = Older(waiting, connection);
            }
        }

        if (waiting is null || time.GetElapsedTime(waiting.ChangedAt) < WaitMin)
        {
            return idle;
        }

        return idle is null ? waiting : prefersIdle ? idle : Older(idle, waiting);
    }

    private static ListenerConnection Older(ListenerConnection? oldest, ListenerConnection candidate) =>
        oldest is null || candidate.ChangedAt < oldest.ChangedAt ? candidate : oldest;

    private void Remove(ListenerConnection entry)
    {
        if (entry.Index < 0)
        {
            return;
        }

        var last = _connections[^1];
        _connections[entry.Index] = last;
        last.Index = entry.Index;
        _connections.RemoveAt(_connections.Count - 1);
        entry.Index = -1;
    }
}
