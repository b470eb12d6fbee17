namespace TelemetryPipeline.Receiver.Intake;

/// <summary>
/// How many bytes of request bodies one transport of a receiver holds at once: those that have arrived, not those that
/// were announced. What would exceed it is refused, which bounds the memory when more arrives than can be processed.
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

    /// <summary>Whether more than three quarters are taken.</summary>
    public bool IsTight => Volatile.Read(ref _takenBytes) > limitBytes / 4 * 3;

    /// <summary>What the bodies of one connection may hold: half, or one body of the largest size.</summary>
    /// <param name="largestBytes">The largest body.</param>
    public long ShareFor(int largestBytes) => Math.Max(limitBytes / 2, largestBytes);

    /// <summary>Gives bytes back. Thread-safe.</summary>
    public void Return(long bytes) => Interlocked.Add(ref _takenBytes, -bytes);
}
