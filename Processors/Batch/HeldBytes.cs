namespace TelemetryPipeline.Processors.Batch;

/// <summary>Bytes that were taken and not handed on yet, with a bound. Thread-safe.</summary>
/// <param name="max">The bound; a single request above it is taken when nothing else is held.</param>
internal sealed class HeldBytes(long max)
{
    private long _held;

    /// <summary>Bytes held now.</summary>
    public long Value => Volatile.Read(ref _held);

    /// <summary>Whether the bound is reached.</summary>
    public bool IsFull => Value >= max;

    /// <summary>Reserves room for a request.</summary>
    /// <param name="bytes">Its length.</param>
    /// <returns>False when the request does not fit: nothing is reserved then.</returns>
    public bool TryTake(long bytes)
    {
        var held = Volatile.Read(ref _held);
        while (true)
        {
            if (held > 0 && held + bytes > max)
            {
                return false;
            }

            var seen = Interlocked.CompareExchange(ref _held, held + bytes, held);
            if (seen == held)
            {
                return true;
            }

            held = seen;
        }
    }

    /// <summary>Gives room back.</summary>
    /// <param name="bytes">How much.</param>
    public void Release(long bytes) => Interlocked.Add(ref _held, -bytes);
}
