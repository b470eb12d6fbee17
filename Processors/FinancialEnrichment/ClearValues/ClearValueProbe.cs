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
            return MayContainLong(message, kinds);
        }

        // Zeros are no part of a number.
        Span<byte> padded = stackalloc byte[WindowBytes];
        message.CopyTo(padded);
        return MayContain(padded, 0, message.Length, kinds);
    }

    private static bool MayContain(ReadOnlySpan<byte> bytes, int from, int end, ClearValueKinds kinds)
    {
        while (from < end)
        {
            if (MayContain(bytes, from, end, kinds, out from))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Passes over windows in which there is no long run even of all that looks like digits, and looks closely elsewhere.</summary>
    private static bool MayContainLong(ReadOnlySpan<byte> message, ClearValueKinds kinds)
    {
        var from = 0;
        var before = default(Trail);
        for (var at = 0; message.Length - at >= WindowBytes;)
        {
            var hits = Glance(message.Slice(at, WindowBytes), ref before);
            if (hits == 0)
            {
                at += WindowBytes;
                continue;
            }

            // A hit is where eleven have been seen; what it is about may have begun in the window before.
            var start = Math.Max(from, at + BitOperations.TrailingZeroCount(hits) - RunMin + 1);
            if (MayContain(message, start, message.Length, kinds, out at))
            {
                return true;
            }

            from = at;
            before = default;
            if (message.Length - at < WindowBytes)
            {
                return MayContain(message, from, message.Length, kinds);
            }
        }

        var tail = message.Length - (message.Length - from) % WindowBytes;
        return MayContain(message, Math.Max(from, tail - RunMin + 1), message.Length, kinds);
    }

    /// <summary>Where in 64 bytes the eleventh of what looks like digits is, or the fourth byte of a long varint.</summary>
    /// <param name="window">The bytes.</param>
    /// <param name="before">The window before; then this one.</param>
    private static ulong Glance(ReadOnlySpan<byte> window, ref Trail before)
    {
        ulong wide = 0;
        ulong high = 0;
        for (var at = 0; at < WindowBytes; at += Vector128<byte>.Count)
        {
            // From the space to 9 is little more than digits, spaces and hyphens.
            var bytes = Vector128.Create(window[at..]);
            var above = bytes - Vector128.Create((byte)' ');
            wide |= (ulong)Vector128.Equals(Vector128.Min(above, Vector128.Create((byte)('9' - ' '))), above).ExtractMostSignificantBits() << at;
            high |= (ulong)bytes.ExtractMostSignificantBits() << at;
        }

        // After one, two, four and three steps a bit stands for itself and the ten before it; of high ones, for three.
        var two = wide & ((wide << 1) | (before.Wide >> 63));
        var four = two & ((two << 2) | (before.Two >> 62));
        var eight = four & ((four << 4) | (before.Four >> 60));
        var eleven = eight & ((eight << 3) | (before.Eight >> 61));
        var highTwo = high & ((high << 1) | (before.High >> 63));
        var highFour = highTwo & ((highTwo << 2) | (before.HighTwo >> 62));
        before = new Trail(wide, two, four, eight, high, highTwo);
        return eleven | highFour;
    }

    /// <summary>Looks at one window closely.</summary>
    /// <param name="bytes">At least <see cref="WindowBytes"/>.</param>
    /// <param name="from">Where to begin; what is before was looked at.</param>
    /// <param name="end">Where the message ends.</param>
    /// <param name="kinds">What to look for.</param>
    /// <param name="next">Where to go on.</param>
    private static bool MayContain(ReadOnlySpan<byte> bytes, int from, int end, ClearValueKinds kinds, out int next)
    {
        var window = Math.Min(from, bytes.Length - WindowBytes);
        next = window + WindowBytes == bytes.Length ? end : from + WindowStep;
        Classify(bytes.Slice(window, WindowBytes), out var inNumber, out var digits, out var integers);
        var unseen = ulong.MaxValue << (from - window);
        for (integers &= unseen; integers != 0; integers &= integers - 1)
        {
            if (IsPersonal(bytes[(window + BitOperations.TrailingZeroCount(integers) + 1)..end], kinds))
            {
                return true;
            }
        }

        // After two, two, four and three steps a bit stands for itself and the ten after it.
        var runs = inNumber & (inNumber >> 1);
        runs &= runs >> 2;
        runs &= runs >> 4;
        runs &= runs >> 3;
        runs &= unseen;
        if (runs == 0)
        {
            return false;
        }

        var first = BitOperations.TrailingZeroCount(runs);
        var length = BitOperations.TrailingZeroCount(~(inNumber >> first));
        if (first > 0 && (inNumber >> (first - 1) & 1) == 0 && first + length < WindowBytes && window + first + length <= end)
        {
            next = window + first + length + 1;
            return MayBe(bytes[..end], window + first, window + first + length, digits >> first & ((1UL << length) - 1), kinds);
        }

        var start = window + first;
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

    /// <summary>Which bytes of a window are digits, which are digits or separators, and where integers begin with enough digits.</summary>
    /// <remarks>In 128 bits, which every processor has that the native executable is for: 256 would be imitated there.</remarks>
    private static void Classify(ReadOnlySpan<byte> window, out ulong inNumber, out ulong digits, out ulong integers)
    {
        inNumber = 0;
        digits = 0;
        ulong more = 0;
        ulong tags = 0;
        for (var at = 0; at < WindowBytes; at += Vector128<byte>.Count)
        {
            var bytes = Vector128.Create(window[at..]);
            var digit = IsDigit(bytes);
            digits |= (ulong)digit.ExtractMostSignificantBits() << at;
            inNumber |= (ulong)(digit | IsSeparator(bytes)).ExtractMostSignificantBits() << at;
            more |= (ulong)bytes.ExtractMostSignificantBits() << at;
            tags |= (ulong)Vector128.Equals(bytes, Vector128.Create(IntValueTag)).ExtractMostSignificantBits() << at;
        }

        // A number of eleven digits takes more than four bytes, and all but the last have the highest bit.
        more &= more >> 1;
        more &= more >> 2;
        integers = tags & (more >> 1);
    }

    private static Vector128<byte> IsDigit(Vector128<byte> bytes)
    {
        var digit = bytes - Vector128.Create((byte)'0');
        return Vector128.Equals(Vector128.Min(digit, Vector128.Create((byte)9)), digit);
    }

    private static Vector128<byte> IsSeparator(Vector128<byte> bytes) =>
        Vector128.Equals(bytes, Vector128.Create((byte)' ')) | Vector128.Equals(bytes, Vector128.Create((byte)'-'));

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

        return digits == end - start && IsAfterText(message, start)
            ? MayBeNumber(message, start, end, kinds)
            : MayBeGroups(message[start..end], message[Math.Min(end, message.Length - 1)], kinds);
    }

    /// <summary>The same for a run of at most 64 bytes whose digits are known.</summary>
    /// <param name="message">The message.</param>
    /// <param name="start">Where the run begins.</param>
    /// <param name="end">Where it ends.</param>
    /// <param name="digits">A bit for each digit, the run's first byte lowest.</param>
    /// <param name="kinds">What to look for.</param>
    private static bool MayBe(ReadOnlySpan<byte> message, int start, int end, ulong digits, ClearValueKinds kinds)
    {
        var count = BitOperations.PopCount(digits);
        if (count < RunMin)
        {
            return false;
        }

        if (count == end - start && IsAfterText(message, start))
        {
            return MayBeNumber(message, start, end, kinds);
        }

        // Ten digits in a row.
        var row = digits & (digits >> 1);
        row &= row >> 2;
        row &= row >> 4;
        row &= row >> 2;
        if (row != 0)
        {
            return true;
        }

        // The groups between the first and the last.
        var left = digits >> BitOperations.TrailingZeroCount(digits);
        var at = end - start - BitOperations.TrailingZeroCount(digits);
        for (var isFirst = true; left != 0; isFirst = false)
        {
            var group = BitOperations.TrailingZeroCount(~left);
            left >>= group;
            at -= group;
            if (!isFirst && at > 0 && group is 3 or 4 or 6)
            {
                return true;
            }

            var gap = BitOperations.TrailingZeroCount(left) & 63;
            left >>= gap;
            at -= gap;
        }

        return (kinds & ClearValueKinds.ResidentId) != 0 && count >= CheckedNumbers.ResidentIdLength - 1
            && MayBeGroups(message[start..end], message[Math.Min(end, message.Length - 1)], kinds);
    }

    /// <summary>Whether the byte before a run is a letter, and text for certain: an order number's, as it is in most spans.</summary>
    private static bool IsAfterText(ReadOnlySpan<byte> message, int start) =>
        IsLetter(message, start - 1) && message[start - 1] != EventNameTag && !IsTextTag(message, start - 2);

    private static bool MayBeNumber(ReadOnlySpan<byte> message, int start, int end, ClearValueKinds kinds) =>
        (kinds & ClearValueKinds.ResidentId) != 0 && end - start >= CheckedNumbers.ResidentIdLength - 1
        && MayBeResidentId(message[start..Math.Min(end + 1, message.Length)]);

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

    /// <summary>What a window needs to know of the one before: which bytes end so many in a row.</summary>
    private readonly record struct Trail(ulong Wide, ulong Two, ulong Four, ulong Eight, ulong High, ulong HighTwo);
}
