using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using TelemetryPipeline.Attribution.Rules;

namespace TelemetryPipeline.Attribution.Events;

/// <summary>Ids of events: the same hits give the same id, in every process and after every restart.</summary>
internal static class EventIds
{
    /// <summary>The id of what a rule says about a trace.</summary>
    public static UInt128 OfTrace(Rule rule, ulong traceIdHigh, ulong traceIdLow)
    {
        Span<byte> trace = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(trace, traceIdHigh);
        BinaryPrimitives.WriteUInt64BigEndian(trace[8..], traceIdLow);
        return Of(rule, "trace"u8, trace);
    }

    /// <summary>The id of what a rule says about a span that belongs to no trace.</summary>
    public static UInt128 OfSpan(Rule rule, ulong spanId, ulong startNs, ulong endNs)
    {
        Span<byte> span = stackalloc byte[24];
        BinaryPrimitives.WriteUInt64BigEndian(span, spanId);
        BinaryPrimitives.WriteUInt64BigEndian(span[8..], startNs);
        BinaryPrimitives.WriteUInt64BigEndian(span[16..], endNs);
        return Of(rule, "span"u8, span);
    }

    /// <summary>The id of a burst.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="key">The window's key.</param>
    /// <param name="startNs">When the count reached the rule's, in nanoseconds since the Unix epoch.</param>
    public static UInt128 OfWindow(Rule rule, string key, ulong startNs)
    {
        var window = new byte[8 + Encoding.UTF8.GetByteCount(key)];
        BinaryPrimitives.WriteUInt64BigEndian(window, startNs);
        Encoding.UTF8.GetBytes(key, window.AsSpan(8));
        return Of(rule, "window"u8, window);
    }

    private static UInt128 Of(Rule rule, ReadOnlySpan<byte> kind, ReadOnlySpan<byte> subject)
    {
        var hash = new XxHash128();
        Span<byte> number = stackalloc byte[4];
        hash.Append(Encoding.UTF8.GetBytes(rule.Id));
        BinaryPrimitives.WriteInt32BigEndian(number, rule.Version);
        hash.Append(number);
        hash.Append(kind);
        hash.Append(subject);
        return hash.GetCurrentHashAsUInt128();
    }
}
