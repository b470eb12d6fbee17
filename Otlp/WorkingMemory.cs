using TelemetryPipeline.Otlp.Indexing;
using TelemetryPipeline.Otlp.Schema;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp;

/// <summary>
/// Memory that requests take beside their bytes while pipelines work on them: indexes, resolved attributes and pending
/// changes. Bounded for one request in proportion to its length, and for the process by whoever limits its memory.
/// </summary>
/// <remarks>
/// An empty span takes two bytes of a request and several hundred of an index, so a limit on bytes received does not bound
/// this. Thread-safe.
/// </remarks>
public sealed class WorkingMemory
{
    /// <summary>The reason of a refusal for good: the request needs more than one may take.</summary>
    public const string TooExpensive = "too_expensive";

    /// <summary>The reason of a retryable refusal: all requests together need more than they may take now.</summary>
    public const string Exhausted = "working_memory";

    /// <summary>What a request may take for each of its bytes.</summary>
    public const int BytesPerByte = 30;

    /// <summary>What every request may take, in bytes.</summary>
    public const long RequestBytesMin = 64L << 20;

    // In hundredths of what a request may take. Measured: a request whose indexes take 30 takes 90 in all, with its bytes, the
    // changed bytes and its JSON. The index of the shortest ordinary span, point and record is within it at any number; a changed text
    // takes 5.6 times its length: as it is written, with what its buffer outgrew, as a change, in the request and in JSON.
    private const int IndexPercent = 30;
    private const int ChangesPercent = 16;
    private const int Percent = 100;

    // With the powers of two that pools round up to. Changed spans have two indexes: as received, and as changed.
    private const int BytesPerNode = 176;
    private const int BytesPerSpan = 112;
    private const int IndexesOfSpans = 2;

    private readonly Lock _lock = new();
    private readonly List<long> _limits = [];
    private long _limitBytes = long.MaxValue;
    private long _takenBytes;

    /// <summary>The account of the process.</summary>
    public static WorkingMemory Process { get; } = new();

    /// <summary>Bytes taken now.</summary>
    public long TakenBytes => Volatile.Read(ref _takenBytes);

    /// <summary>The least of the limits in force, in bytes.</summary>
    public long LimitBytes => Volatile.Read(ref _limitBytes);

    /// <summary>What the changes to a request may take, in bytes.</summary>
    /// <param name="lengthBytes">Length of the request.</param>
    public static long ChangesLimit(long lengthBytes) => RequestLimit(lengthBytes) / Percent * ChangesPercent;

    /// <summary>What the indexes of a request may take, in bytes.</summary>
    /// <param name="lengthBytes">Length of the request.</param>
    public static long IndexLimit(long lengthBytes) => RequestLimit(lengthBytes) / Percent * IndexPercent;

    /// <summary>What a request may take in all, in bytes.</summary>
    /// <param name="lengthBytes">Length of the request.</param>
    public static long RequestLimit(long lengthBytes) => Math.Max(RequestBytesMin, BytesPerByte * lengthBytes);

    /// <summary>What the indexes of a request take at most, in bytes, found without building them.</summary>
    /// <param name="signal">What the request carries.</param>
    /// <param name="request">The request; it must have passed <c>OtlpRequest.TryValidate</c>.</param>
    /// <param name="itemCount">Its items.</param>
    public static long IndexBytes(Signal signal, ReadOnlySpan<byte> request, int itemCount)
    {
        var nodes = CountNodes(request, 0, request.Length, OtlpSchema.RequestOf(signal)) * BytesPerNode;
        return signal == Signal.Traces ? (nodes + ((long)itemCount * BytesPerSpan)) * IndexesOfSpans : nodes;
    }

    /// <summary>Takes bytes unless that would exceed a limit.</summary>
    /// <param name="bytes">How many.</param>
    /// <returns>False, and nothing is taken, when that much is not left.</returns>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _takenBytes, bytes) <= LimitBytes)
        {
            return true;
        }

        Interlocked.Add(ref _takenBytes, -bytes);
        return false;
    }

    /// <summary>Gives bytes back.</summary>
    /// <param name="bytes">How many.</param>
    public void Return(long bytes) => Interlocked.Add(ref _takenBytes, -bytes);

    /// <summary>Puts a limit in force, beside those that are.</summary>
    /// <param name="limitBytes">The limit.</param>
    public void AddLimit(long limitBytes)
    {
        lock (_lock)
        {
            _limits.Add(limitBytes);
            Volatile.Write(ref _limitBytes, Math.Min(LimitBytes, limitBytes));
        }
    }

    /// <summary>Takes a limit out of force.</summary>
    /// <param name="limitBytes">The limit, as it was added.</param>
    public void RemoveLimit(long limitBytes)
    {
        lock (_lock)
        {
            _limits.Remove(limitBytes);
            var least = long.MaxValue;
            foreach (var limit in _limits)
            {
                least = Math.Min(least, limit);
            }

            Volatile.Write(ref _limitBytes, least);
        }
    }

    // As the index builder walks: over envelopes only, so that an item costs a step whatever it holds.
    private static long CountNodes(ReadOnlySpan<byte> data, int start, int length, MessageKind message)
    {
        var rules = FieldRule.Table.AsSpan((int)message * OtlpSchema.FieldLimit, OtlpSchema.FieldLimit);
        var fields = new WireReader(data, start, length);
        long count = 0;
        while (fields.Next())
        {
            if (fields.Type != WireType.LengthDelimited || fields.Field >= OtlpSchema.FieldLimit)
            {
                continue;
            }

            var child = (MessageKind)(rules[fields.Field] >> FieldRule.MessageShift);
            var kind = NodeKinds.Of(child);
            count += kind switch
            {
                OtlpNodeKind.None => 0,
                OtlpNodeKind.Item or OtlpNodeKind.Resource or OtlpNodeKind.Scope => 1,

                // One for a resource or scope that the sender left out.
                _ => 2 + CountNodes(data, fields.ValueOffset, fields.ValueLength, child),
            };
        }

        return count;
    }
}
