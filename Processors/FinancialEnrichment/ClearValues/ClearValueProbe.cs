using System.Numerics;
using System.Runtime.Intrinsics;

namespace TelemetryPipeline.Processors.FinancialEnrichment.ClearValues;

/// <summary>
/// Says quickly, from the bytes of a whole message, whether a personal number may be in it. Never misses one; says yes
/// too often by a little. Nearly every span ends here.
/// </summary>
internal static class ClearValueProbe
{
    // The shortest number has that many digits.
    private const int RunMin = CheckedNumbers.PhoneLength;

    // Bytes are looked at 64 at a time, a bit for each. A run that begins in the last ones is seen whole by the next look.
    private const int WindowBytes = 64;
    private const int WindowStep = WindowBytes - RunMin + 1;
    private const byte IntValueTag = 0x18;
    private const int VarintBytesMax = 10;

    // A group this long may be a number by itself, or the rest of a card number after its bank's.
    private const int PlainDigitsMin = 10;
    private const int GroupedDigitsMax = 64;

    // The one tag of a text that looks like a letter; a length that looks like a digit may follow it.
    private const byte EventNameTag = 0x62;

    /// <summary>Whether it may be there.</summary>
    /// <param name="message">The encoded message.</param>
    /// <param name="kinds">What to look for.</param>
    public static bool MayContain(ReadOnlySpan<byte> message, ClearValueKinds kinds)
    {
        if (message.Length >= WindowBytes)
        {
            return MayContain(message, message.Length, kinds);
        }

        // Zeros are no part of a number.
        Span<byte> padded = stackalloc byte[WindowBytes];
        message.CopyTo(padded);
        return MayContain(padded, message.Length, kinds);
    }

    private static bool MayContain(ReadOnlySpan<byte> bytes, int end, ClearValueKinds kinds)
    {
        for (var at = 0; at < end;)
        {
            if (MayContain(bytes, at, end, kinds, out at))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Looks at one window.</summary>
    /// <param name="bytes">At least <see cref="WindowBytes"/>.</param>
    /// <param name="from">Where to begin; what is before was looked at.</param>
    /// <param name="end">Where the message ends.</param>
    /// <param name="kinds">What to look for.</param>
    /// <param name="next">Where to go on.</param>
    private static bool MayContain(ReadOnlySpan<byte> bytes, int from, int end, ClearValueKinds kinds, out int next)
    {
        var window = Math.Min(from, bytes.Length - WindowBytes);
        next = window + WindowBytes == bytes.Length ? end : from + WindowStep;
        Classify(bytes.Slice(window, WindowBytes), out var runs, out var integers);
        var unseen = ulong.MaxValue << (from - window);
        for (integers &= unseen; integers != 0; integers &= integers - 1)
        {
            if (IsPersonal(bytes[(window + BitOperations.TrailingZeroCount(integers) + 1)..end], kinds))
            {
                return true;
            }
        }

        runs &= unseen;
        if (runs == 0)
        {
            return false;
        }

        var start = window + BitOperations.TrailingZeroCount(runs);
        var last = start + RunMin;
        while (start > 0 && InNumber(bytes[start - 1]))
        {
            start--;
        }

        while (last < end && InNumber(bytes[last]))
        {
            last++;
        }

        next = last + 1;
        return MayBe(bytes[..end], start, last, kinds);
    }

    /// <summary>Where in a window runs of digits and separators begin, and integers with enough digits.</summary>
    /// <remarks>In 128 bits, which every processor has that the native executable is for: 256 would be imitated there.</remarks>
    private static void Classify(ReadOnlySpan<byte> window, out ulong runs, out ulong integers)
    {
        ulong inNumber = 0;
        ulong more = 0;
        ulong tags = 0;
        for (var at = 0; at < WindowBytes; at += Vector128<byte>.Count)
        {
            var bytes = Vector128.Create(window[at..]);
            inNumber |= (ulong)InNumber(bytes).ExtractMostSignificantBits() << at;
            more |= (ulong)bytes.ExtractMostSignificantBits() << at;
            tags |= (ulong)Vector128.Equals(bytes, Vector128.Create(IntValueTag)).ExtractMostSignificantBits() << at;
        }

        // After two, two, four and three steps a bit stands for itself and the ten after it.
        runs = inNumber & (inNumber >> 1);
        runs &= runs >> 2;
        runs &= runs >> 4;
        runs &= runs >> 3;

        // A number of eleven digits takes more than four bytes, and all but the last have the highest bit.
        more &= more >> 1;
        more &= more >> 2;
        integers = tags & (more >> 1);
    }

    private static Vector128<byte> InNumber(Vector128<byte> bytes)
    {
        var digit = bytes - Vector128.Create((byte)'0');
        return Vector128.Equals(Vector128.Min(digit, Vector128.Create((byte)9)), digit)
            | Vector128.Equals(bytes, Vector128.Create((byte)' ')) | Vector128.Equals(bytes, Vector128.Create((byte)'-'));
    }

    /// <summary>
    /// Looks at a run closely. Its ends may be bytes of the encoding: a length before it, the next field's tag behind it.
    /// </summary>
    internal static bool MayBe(ReadOnlySpan<byte> message, int start, int end, ClearValueKinds kinds)
    {
        var digits = 0;
        foreach (var b in message[start..end])
        {
            digits += (byte)(b - '0') <= 9 ? 1 : 0;
        }

        if (digits < RunMin)
        {
            return false;
        }

        // One number, as it is in most spans, after a letter that is text for certain: an order number.
        if (digits == end - start && IsLetter(message, start - 1) && message[start - 1] != EventNameTag && !IsTextTag(message, start - 2))
        {
            return (kinds & ClearValueKinds.ResidentId) != 0 && digits >= CheckedNumbers.ResidentIdLength - 1
                && MayBeResidentId(message[start..Math.Min(end + 1, message.Length)]);
        }

        return MayBeGroups(message[start..end], message[Math.Min(end, message.Length - 1)], kinds);
    }

    /// <summary>
    /// Looks at digits in groups. The first and the last may have got bytes of the encoding, those between are exact: a
    /// central bank account's date, for example, is none of a card's groups.
    /// </summary>
    private static bool MayBeGroups(ReadOnlySpan<byte> run, byte next, ClearValueKinds kinds)
    {
        Span<byte> digits = stackalloc byte[GroupedDigitsMax];
        var count = 0;
        var group = 0;
        var groups = 0;
        foreach (var b in run)
        {
            if ((byte)(b - '0') > 9)
            {
                if (groups > 0 && group is 3 or 4 or 6)
                {
                    return true;
                }

                groups += group > 0 ? 1 : 0;
                group = 0;
                continue;
            }

            if (++group >= PlainDigitsMin || count == GroupedDigitsMax - 1)
            {
                return true;
            }

            digits[count++] = b;
        }

        digits[count++] = next;
        return (kinds & ClearValueKinds.ResidentId) != 0 && MayBeResidentId(digits[..count]);
    }

    private static bool MayBeResidentId(ReadOnlySpan<byte> run)
    {
        for (var i = 0; i + CheckedNumbers.ResidentIdLength <= run.Length; i++)
        {
            if (CheckedNumbers.IsResidentId(run.Slice(i, CheckedNumbers.ResidentIdLength)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether an integer, from behind its tag on, is a personal number.</summary>
    private static bool IsPersonal(ReadOnlySpan<byte> varint, ClearValueKinds kinds)
    {
        ulong number = 0;
        for (var i = 0; i < Math.Min(varint.Length, VarintBytesMax); i++)
        {
            number |= (ulong)(varint[i] & 0x7F) << (7 * i);
            if (varint[i] < 0x80)
            {
                break;
            }
        }

        return ClearValueFinder.KindOf((long)number, kinds) != ClearValueKinds.None;
    }

    private static bool InNumber(byte b) => (byte)(b - '0') <= 9 || b is (byte)' ' or (byte)'-';

    private static bool IsLetter(ReadOnlySpan<byte> message, int at) => at >= 0 && (byte)((message[at] | 0x20) - 'a') <= 25;

    // Tags of texts in OTLP, the end of a tag written longer than need be, and the first byte of a length of two: after
    // any of them a letter may be a length.
    private static bool IsTextTag(ReadOnlySpan<byte> message, int at) =>
        at < 0 || message[at] is 0x00 or 0x0A or 0x12 or 0x1A or 0x22 or 0x2A or 0x3A or EventNameTag or >= 0x80;
}
