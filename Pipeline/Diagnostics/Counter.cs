using System.Runtime.InteropServices;

namespace TelemetryPipeline.Pipeline.Diagnostics;

/// <summary>A number that only grows, kept in a cell per core so that threads do not fight over a cache line.</summary>
public sealed class Counter
{
    private readonly Cell[] _cells = new Cell[Environment.ProcessorCount];

    /// <summary>The sum over all cores.</summary>
    public long Value
    {
        get
        {
            long sum = 0;
            foreach (ref var cell in _cells.AsSpan())
            {
                sum += Volatile.Read(ref cell.Value);
            }

            return sum;
        }
    }

    /// <summary>Adds to the number.</summary>
    /// <param name="amount">How much, 0 or more.</param>
    public void Add(long amount) =>
        Interlocked.Add(ref _cells[(uint)Thread.GetCurrentProcessorId() % (uint)_cells.Length].Value, amount);

    // A cache line pair of its own, since cores fetch lines in pairs.
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Cell
    {
        [FieldOffset(64)]
        public long Value;
    }
}

/// <summary>A number read from its source whenever it is asked for.</summary>
public sealed class Gauge
{
    /// <summary>Reads the current value.</summary>
    public Func<double> Read { get; set; } = static () => 0;
}

/// <summary>A distribution over fixed buckets.</summary>
public sealed class Histogram
{
    private readonly double[] _bounds;
    private readonly long[] _counts;
    private double _sum;

    internal Histogram(double[] bounds)
    {
        _bounds = bounds;
        _counts = new long[bounds.Length + 1];
    }

    /// <summary>Upper bounds of all buckets but the last.</summary>
    public ReadOnlySpan<double> Bounds => _bounds;

    /// <summary>The sum of all values.</summary>
    public double Sum => Volatile.Read(ref _sum);

    /// <summary>Values recorded in a bucket alone.</summary>
    /// <param name="bucket">0 to <c>Bounds.Length</c>.</param>
    public long CountIn(int bucket) => Volatile.Read(ref _counts[bucket]);

    /// <summary>Records a value: once a batch, not once an item.</summary>
    /// <param name="value">The value in the metric's unit.</param>
    public void Record(double value)
    {
        var bucket = 0;
        while (bucket < _bounds.Length && value > _bounds[bucket])
        {
            bucket++;
        }

        Interlocked.Increment(ref _counts[bucket]);
        double seen;
        do
        {
            seen = Volatile.Read(ref _sum);
        }
        while (BitConverter.DoubleToInt64Bits(Interlocked.CompareExchange(ref _sum, seen + value, seen))
               != BitConverter.DoubleToInt64Bits(seen));
    }
}
