namespace TelemetryPipeline.Attribution.Traces;

/// <summary>What a number of tables may take together. Thread-safe.</summary>
/// <param name="limitBytes">Bytes.</param>
internal sealed class MemoryBudget(long limitBytes)
{
    private long _usedBytes;

    /// <summary>What they may take, in bytes.</summary>
    public long LimitBytes => limitBytes;

    /// <summary>What they take, in bytes.</summary>
    public long UsedBytes => Interlocked.Read(ref _usedBytes);

    /// <summary>Takes a part of the budget.</summary>
    /// <param name="bytes">How much.</param>
    /// <returns>False, and nothing is taken, when that much is not left.</returns>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _usedBytes, bytes) <= limitBytes)
        {
            return true;
        }

        Interlocked.Add(ref _usedBytes, -bytes);
        return false;
    }

    /// <summary>Takes what a table cannot do without, also beyond the limit.</summary>
    /// <param name="bytes">How much.</param>
    public void Take(long bytes) => Interlocked.Add(ref _usedBytes, bytes);

    /// <summary>Gives a part back.</summary>
    /// <param name="bytes">How much.</param>
    public void Return(long bytes) => Interlocked.Add(ref _usedBytes, -bytes);
}
