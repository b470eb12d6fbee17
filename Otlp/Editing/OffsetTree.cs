using System.Numerics;

namespace TelemetryPipeline.Otlp.Editing;

/// <summary>
/// A set of offsets in a range, which finds the one before any other in four steps for sixteen million: bits, and for each
/// word of them a bit in the level above that says whether it is empty.
/// </summary>
internal sealed class OffsetTree
{
    private const int WordBits = 6;
    private readonly ulong[][] _levels;

    /// <param name="length">All offsets are below.</param>
    public OffsetTree(int length)
    {
        var levels = new List<ulong[]>();
        do
        {
            length = Math.Max((length + (1 << WordBits) - 1) >> WordBits, 1);
            levels.Add(new ulong[length]);
        }
        while (length > 1);

        _levels = [.. levels];
    }

    public void Add(int offset)
    {
        foreach (var level in _levels)
        {
            level[offset >> WordBits] |= 1UL << offset;
            offset >>= WordBits;
        }
    }

    /// <summary>The largest offset of the set that is below another; -1 for none.</summary>
    public int Before(int offset)
    {
        for (var level = 0; level < _levels.Length; level++)
        {
            var word = _levels[level][offset >> WordBits] & ((1UL << offset) - 1);
            if (word != 0)
            {
                return Last(level, (offset >> WordBits << WordBits) + BitOperations.Log2(word));
            }

            offset >>= WordBits;
        }

        return -1;
    }

    private int Last(int level, int offset)
    {
        while (level-- > 0)
        {
            offset = (offset << WordBits) + BitOperations.Log2(_levels[level][offset]);
        }

        return offset;
    }
}
