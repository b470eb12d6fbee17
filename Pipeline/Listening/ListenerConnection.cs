using Microsoft.AspNetCore.Connections;

namespace TelemetryPipeline.Pipeline.Listening;

/// <summary>
/// One connection of a listener: whether it has a request in progress, and the bytes its incomplete requests hold. A
/// feature of the connection and of its requests.
/// </summary>
/// <remarks>Thread-safe: the streams of an HTTP/2 connection share it.</remarks>
public sealed class ListenerConnection
{
    private readonly ConnectionContext _connection;
    private readonly TimeProvider _time;
    private int _requestCount;
    private int _waitingCount;
    private long _changedAt;
    private long _heldBytes;

    internal ListenerConnection(ConnectionContext connection, TimeProvider time)
    {
        _connection = connection;
        _time = time;
        _changedAt = time.GetTimestamp();
    }

    /// <summary>Whether no request is in progress; true as well before the first request is complete.</summary>
    internal bool IsIdle => Volatile.Read(ref _requestCount) == 0;

    /// <summary>Whether nothing happens on the connection until its client sends or reads more.</summary>
    internal bool IsWaiting => Volatile.Read(ref _waitingCount) >= Volatile.Read(ref _requestCount);

    /// <summary>When the last request began or ended, in ticks of the clock.</summary>
    internal long ChangedAt => Volatile.Read(ref _changedAt);

    /// <summary>The place in the table.</summary>
    internal int Index { get; set; } = -1;

    /// <summary>A request is complete but for its body. Each call is followed by one of <see cref="EndRequest"/>.</summary>
    public void BeginRequest()
    {
        Volatile.Write(ref _changedAt, _time.GetTimestamp());
        Interlocked.Increment(ref _requestCount);
    }

    /// <summary>The request was answered.</summary>
    public void EndRequest()
    {
        Volatile.Write(ref _changedAt, _time.GetTimestamp());
        Interlocked.Decrement(ref _requestCount);
    }

    /// <summary>A request waits for its client. Each call is followed by one of <see cref="EndWait"/>.</summary>
    public void BeginWait() => Interlocked.Increment(ref _waitingCount);

    /// <summary>The request no longer waits for its client.</summary>
    public void EndWait() => Interlocked.Decrement(ref _waitingCount);

    /// <summary>Reserves bytes unless the connection would hold more than its share.</summary>
    /// <param name="bytes">Bytes to reserve.</param>
    /// <param name="shareBytes">The share.</param>
    public bool TryHold(long bytes, long shareBytes)
    {
        if (Interlocked.Add(ref _heldBytes, bytes) <= shareBytes)
        {
            return true;
        }

        Interlocked.Add(ref _heldBytes, -bytes);
        return false;
    }

    /// <summary>Returns reserved bytes.</summary>
    /// <param name="bytes">Bytes to return.</param>
    public void Release(long bytes) => Interlocked.Add(ref _heldBytes, -bytes);

    internal void Abort(string reason) => _connection.Abort(new ConnectionAbortedException(reason));
}
