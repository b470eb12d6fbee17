namespace TelemetryPipeline.Receiver.Intake;

/// <summary>
/// How many bytes of request bodies a receiver holds at once. Requests that would exceed it are refused before they
/// are read, which is what bounds the process's memory when more arrives than it can take.
/// </summary>
/// <param name="limitBytes">The bound, 1 or more.</param>
internal sealed class ByteBudget(long limitBytes)
{
    private long _takenBytes;

    /// <summary>Bytes taken now.</summary>
    public long TakenBytes => Volatile.Read(ref _takenBytes);

    /// <summary>Takes bytes unless that would exceed the limit. Thread-safe.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _takenBytes, bytes) <= limitBytes)
        {
            return true;
        }

        Interlocked.Add(ref _takenBytes, -bytes);
        return false;
    }

    /// <summary>Whether nothing more fits, so that a request need not be looked at.</summary>
    public bool IsExhausted => Volatile.Read(ref _takenBytes) >= limitBytes;

    /// <summary>Gives bytes back. Thread-safe.</summary>
    public void Return(long bytes) => Interlocked.Add(ref _takenBytes, -bytes);
}
