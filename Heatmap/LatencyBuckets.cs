using System.Numerics;

namespace TelemetryPipeline.Heatmap;

/// <summary>
/// The latency axis: 59 buckets of 10 ms and one for everything from 590 ms up. Behind the last bucket lies a
/// log-scaled tail, two slots an octave, so that the shape of slow requests is not lost.
/// </summary>
/// <remarks>
/// A column is kept as <see cref="SlotCount"/> slots: slots 0 to 58 are buckets 0 to 58; the slots from 59 on are the
/// tail, and bucket 59 is their sum. So the bucket and its tail cannot disagree.
/// </remarks>
public static class LatencyBuckets
{
    /// <summary>Buckets of a column.</summary>
    public const int BucketCount = 60;

    /// <summary>Width of every bucket but the last, in nanoseconds: 10 ms.</summary>
    public const long BucketWidthNs = 10_000_000;

    /// <summary>Lower bound of the last bucket, in nanoseconds: 590 ms.</summary>
    public const long OverflowFromNs = (BucketCount - 1) * BucketWidthNs;

    /// <summary>Slots of the tail: up to 590 ms x 2^8, about 151 s, and one slot for what is slower still.</summary>
    public const int TailSlotCount = 17;

    /// <summary>The first slot of the tail.</summary>
    public const int FirstTailSlot = BucketCount - 1;

    /// <summary>Slots of a column.</summary>
    public const int SlotCount = FirstTailSlot + TailSlotCount;

    // 590 ms x sqrt(2): where the upper half of an octave begins.
    private const long HalfOctaveNs = 834_386_001;

    /// <summary>The slot of a latency.</summary>
    /// <param name="latencyNs">Nanoseconds, 0 or more.</param>
    /// <returns>0 to <see cref="SlotCount"/> - 1; lower bounds are inclusive.</returns>
    public static int SlotOf(long latencyNs) =>
        latencyNs < OverflowFromNs ? (int)(latencyNs / BucketWidthNs) : TailSlotOf(latencyNs);

    /// <summary>The bucket a slot belongs to, 0 to 59.</summary>
    /// <param name="slot">The slot.</param>
    public static int BucketOfSlot(int slot) => Math.Min(slot, BucketCount - 1);

    /// <summary>The lower bound of a slot in nanoseconds, inclusive.</summary>
    /// <param name="slot">0 to <see cref="SlotCount"/> - 1, or <see cref="SlotCount"/> for the end of the axis.</param>
    /// <returns>Nanoseconds; <see cref="long.MaxValue"/> for the end of the axis.</returns>
    public static long LowerBoundNs(int slot)
    {
        if (slot <= FirstTailSlot)
        {
            return slot * BucketWidthNs;
        }

        if (slot >= SlotCount)
        {
            return long.MaxValue;
        }

        var half = slot - FirstTailSlot;
        var octave = half / 2;
        return (half % 2 == 0 ? OverflowFromNs : HalfOctaveNs) << octave;
    }

    private static int TailSlotOf(long latencyNs)
    {
        var octave = BitOperations.Log2((ulong)(latencyNs / OverflowFromNs));
        var upper = latencyNs >= HalfOctaveNs << octave ? 1 : 0;
        return FirstTailSlot + Math.Min((octave * 2) + upper, TailSlotCount - 1);
    }
}
