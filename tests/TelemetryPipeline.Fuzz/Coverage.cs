using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace TelemetryPipeline.Fuzz;

/// <summary>
/// The branches that instrumented assemblies passed, as AFL counts them. Without instrumentation nothing is ever new,
/// and inputs are mutated blindly.
/// </summary>
internal static unsafe class Coverage
{
    private const int MapSize = 1 << 16;

    private static readonly byte* Map = (byte*)NativeMemory.AllocZeroed(MapSize);
    private static readonly byte[] Buckets = MakeBuckets();

    /// <summary>Must come before the first call into an instrumented assembly.</summary>
    public static void Attach() => Trace.SharedMem = Map;

    /// <summary>Forgets the branches of the last input.</summary>
    public static void Clear()
    {
        new Span<byte>(Map, MapSize).Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>Adds the branches of the last input to those seen.</summary>
    /// <param name="seen">One byte for each branch, a bit for each order of magnitude of its count.</param>
    /// <returns>Whether there is a new one.</returns>
    public static bool AddTo(byte[] seen)
    {
        var map = new ReadOnlySpan<byte>(Map, MapSize);
        var isNew = false;
        for (var at = map.IndexOfAnyExcept((byte)0); at >= 0 && at < MapSize;)
        {
            var bucket = Buckets[map[at]];
            if ((seen[at] & bucket) == 0)
            {
                seen[at] |= bucket;
                isNew = true;
            }

            var step = map[(at + 1)..].IndexOfAnyExcept((byte)0);
            at = step < 0 ? MapSize : at + 1 + step;
        }

        return isNew;
    }

    /// <summary>An empty record of branches.</summary>
    public static byte[] NothingSeen() => new byte[MapSize];

    private static byte[] MakeBuckets()
    {
        var buckets = new byte[256];
        for (var count = 1; count < buckets.Length; count++)
        {
            buckets[count] = (byte)(1 << (count < 4 ? count - 1 : count < 8 ? 3 : count < 16 ? 4 : count < 32 ? 5 : count < 128 ? 6 : 7));
        }

        return buckets;
    }
}
