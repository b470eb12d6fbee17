namespace TelemetryPipeline.Tests.Otlp;

/// <summary>Measures what code allocates in steady state.</summary>
internal static class Allocations
{
    private const int Rounds = 30;

    /// <summary>Bytes that the best of many rounds allocates: pools are warm in it, and no other test has emptied them.</summary>
    public static long Least(Action action)
    {
        var least = long.MaxValue;
        for (var i = 0; i < Rounds; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
