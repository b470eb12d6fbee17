using System.IO.Pipelines;
using TelemetryPipeline.Pipeline.Listening;

namespace TelemetryPipeline.Receiver.Intake;

/// <summary>The arrival of one request body. Reused from request to request.</summary>
/// <remarks>Used by the thread that reads the body; the links and what is evaluated belong to <see cref="ArrivingBodies"/>.</remarks>
internal sealed class BodyArrival(ArrivingBodies bodies)
{
    private long _arrivedBytes;
    private int _verdict;
    private ListenerConnection? _connection;

    /// <summary>Bytes that have arrived.</summary>
    public long ArrivedBytes => Volatile.Read(ref _arrivedBytes);

    /// <summary>Why the body is given up; <see cref="BodyProblem.None"/> while it is not.</summary>
    public BodyProblem Verdict => (BodyProblem)Volatile.Read(ref _verdict);

    internal PipeReader? Reader { get; private set; }

    internal long WatchedSince { get; private set; }

    internal long BytesAtLastCheck { get; set; }

    internal bool WasChecked { get; set; }

    /// <summary>What the last check found; the body is given up for it soon afterwards.</summary>
    internal BodyProblem Suspected { get; set; }

    internal BodyArrival? Next { get; set; }

    internal BodyArrival? Previous { get; set; }

    /// <summary>A new body.</summary>
    /// <param name="connection">The connection that it arrives on.</param>
    public void Begin(ListenerConnection? connection)
    {
        _connection = connection;
        Volatile.Write(ref _arrivedBytes, 0);
        Volatile.Write(ref _verdict, (int)BodyProblem.None);
        BytesAtLastCheck = 0;
        WasChecked = false;
        Suspected = BodyProblem.None;
    }

    /// <summary>Waits for more of the body. Most bodies are there already, and are never watched.</summary>
    public ValueTask<ReadResult> ReadAsync(PipeReader reader)
    {
        var pending = reader.ReadAsync();
        if (!pending.IsCompleted && Reader is null)
        {
            bodies.Watch(this, reader);
            _connection?.BeginWait();
        }

        return pending;
    }

    /// <summary>The body has so many bytes now.</summary>
    public void Arrived(long totalBytes) => Volatile.Write(ref _arrivedBytes, totalBytes);

    /// <summary>The body is complete, or given up.</summary>
    public void End()
    {
        if (Reader is not null)
        {
            bodies.Unwatch(this);
            _connection?.EndWait();
        }
    }

    internal void BeginWatch(PipeReader reader, long now)
    {
        Reader = reader;
        WatchedSince = now;
    }

    internal void EndWatch() => Reader = null;

    /// <summary>Makes the pending read return, and every later one fail.</summary>
    internal void GiveUp(BodyProblem problem)
    {
        Volatile.Write(ref _verdict, (int)problem);
        try
        {
            Reader?.CancelPendingRead();
        }
        catch (Exception e) when (BodyReader.IsClientFault(e) || e is InvalidOperationException)
        {
            // Kestrel ended the request in this moment: its read returns without being cancelled.
        }
    }
}
