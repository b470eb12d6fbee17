using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TelemetryPipeline.Processors.FinancialEnrichment.SensitiveValues;

/// <summary>
/// Says quickly, from the bytes of a whole message, whether personal data may be in it. Never misses any; says yes
/// too often by a little. Nearly every span ends here.
/// </summary>
internal static partial class SensitiveValueProbe
{
    // The shortest number has that many digits.
    private const int RunMin = CheckedNumbers.PhoneLength;

    // Bytes are looked at 64 at a time, a bit for each.
    private const int WindowBytes = 64;
    private const byte IntValueTag = 0x18;
    private const int VarintBytesMax = 10;

    // A number of eleven digits takes more bytes than that, and all but the last have the highest bit.
    private const int VarintBytesMin = 4;

    // A group this long may be a number by itself, or the rest of a card number after its bank's.
    private const int PlainDigitsMin = 10;
    private const int GroupedDigitsMax = 64;

    // The one tag of a text that looks like a letter; a length that looks like a digit may follow it.
    private const byte EventNameTag = 0x62;

    /// <summary>Whether it may be there.</summary>
    /// <param name="message">The encoded message.</param>
    /// <param name="kinds">What to look for.</param>
    public static bool MayContain(ReadOnlySpan<byte> message, SensitiveValueKinds kinds)
    {
        var before = default(Trail);
        var seen = default(Seen);
        var at = 0;
        for (; message.Length - at >= WindowBytes; at += WindowBytes)
        {
            if (MayContain(message, at, message.Slice(at, WindowBytes), kinds, ref before, ref seen))
            {
                return true;
            }
        }

        if (at == message.Length)
        {
            return false;
        }

        // Zeros are no part of a number.
        Span<byte> padded = stackalloc byte[WindowBytes];
        message[at..].CopyTo(padded);
        return MayContain(message, at, padded, kinds, ref before, ref seen);
    }

    /// <summary>Looks at one window.</summary>
    /// <param name="message">The message.</param>
    /// <param name="at">Where the window begins in it.</param>
    /// <param name="window">Its bytes.</param>
    /// <param name="kinds">What to look for.</param>
    /// <param name="before">What the window before ended with; then this one.</param>
    /// <param name="seen">Runs that begin before it were looked at.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool MayContain(
        ReadOnlySpan<byte> message, int at, ReadOnlySpan<byte> window, SensitiveValueKinds kinds, ref Trail before, ref Seen seen)
    {
        Classify(window, out var inNumber, out var digits, out var high, out var signs);

        // After one, two, four and three steps a bit stands for itself and the ten before it; of high ones, for three.
        var two = inNumber & ((inNumber << 1) | (before.InNumber >> 63));
        var four = two & ((two << 2) | (before.Two >> 62));
        var eight = four & ((four << 4) | (before.Four >> 60));
        var runs = eight & ((eight << 3) | (before.Eight >> 61));
        var highTwo = high & ((high << 1) | (before.High >> 63));
        var highFour = highTwo & ((highTwo << 2) | (before.HighTwo >> 62));
        var integers = highFour & ~((highFour << 1) | (before.HighFour >> 63));

        // Digits alone for words, six in a row; and with what is beyond ASCII for other forms of numbers, eight in a row.
        var digitTwo = digits & ((digits << 1) | (before.Digits >> 63));
        var words = digitTwo & ((digitTwo << 2) | (before.DigitTwo >> 62)) & ((digitTwo << 4) | (before.DigitTwo >> 60));
        var mixed = inNumber | high;
        var mixedTwo = mixed & ((mixed << 1) | (before.Mixed >> 63));
        var mixedFour = mixedTwo & ((mixedTwo << 2) | (before.MixedTwo >> 62));
        var others = mixedFour & ((mixedFour << 4) | (before.MixedFour >> 60));
        others = (high | before.High) != 0 ? others : 0;
        before = new Trail(inNumber, two, four, eight, high, highTwo, highFour, digits, digitTwo, mixed, mixedTwo, mixedFour);
        return ((runs | integers) != 0 && MayContain(message, at, inNumber, digits, runs, integers, kinds, ref seen.Numbers))
            || ((words | others | signs) != 0 && MayContainOther(message, at, digits, words, mixed, others, signs, kinds, ref seen));
    }

    /// <summary>Looks at what a window has of long runs and integers.</summary>
    /// <param name="message">The message.</param>
    /// <param name="at">Where the window begins in it.</param>
    /// <param name="inNumber">A bit for each digit or separator.</param>
    /// <param name="digits">A bit for each digit.</param>
    /// <param name="runs">A bit for each byte that ends eleven digits and separators; the first may be in the window before.</param>
    /// <param name="integers">A bit for each fourth byte of what may be a long varint.</param>
    /// <param name="kinds">What to look for.</param>
    /// <param name="seen">Runs that begin before it were looked at.</param>
    private static bool MayContain(
        ReadOnlySpan<byte> message, int at, ulong inNumber, ulong digits, ulong runs, ulong integers, SensitiveValueKinds kinds, ref int seen)
    {
        for (; integers != 0; integers &= integers - 1)
        {
            var tag = at + BitOperations.TrailingZeroCount(integers) - VarintBytesMin;
            if (tag >= 0 && message[tag] == IntValueTag && IsPersonal(message[(tag + 1)..], kinds))
            {
                return true;
            }
        }

        while (runs != 0)
        {
            var eleventh = BitOperations.TrailingZeroCount(runs);
            var end = eleventh + BitOperations.TrailingZeroCount(~(inNumber >> eleventh));
            var first = eleventh - RunMin + 1;
            runs = end < WindowBytes ? runs & (ulong.MaxValue << end) : 0;
            if (at + first < seen)
            {
                continue;
            }

            if (first >= 0 && end < WindowBytes)
            {
                if (MayBe(message, at + first, at + end, digits >> first & ((1UL << (end - first)) - 1), kinds))
                {
                    return true;
                }

                continue;
            }

            seen = at + end;
            while (seen < message.Length && InNumber(message[seen]))
            {
                seen++;
            }

            if (MayBe(message, at + first, seen, kinds))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Which bytes of a window are digits or separators, which are digits, and which have the highest bit.</summary>
    /// <remarks>In 128 bits, which every processor has that the native executable is for: 256 would be imitated there.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Classify(ReadOnlySpan<byte> window, out ulong inNumber, out ulong digits, out ulong high, out ulong signs)
    {
        inNumber = 0;
        digits = 0;
        high = 0;
        signs = 0;
        for (var at = 0; at < WindowBytes; at += Vector128<byte>.Count)
        {
            var bytes = Vector128.Create(window[at..]);
            var digit = IsDigit(bytes);
            digits |= (ulong)digit.ExtractMostSignificantBits() << at;
            inNumber |= (ulong)IsInNumber(bytes).ExtractMostSignificantBits() << at;
            signs |= (ulong)IsSign(bytes).ExtractMostSignificantBits() << at;
            high |= (ulong)bytes.ExtractMostSignificantBits() << at;
        }
    }

    private static Vector128<byte> IsDigit(Vector128<byte> bytes)
    {
        var digit = bytes - Vector128.Create((byte)'0');
        return Vector128.Equals(Vector128.Min(digit, Vector128.Create((byte)9)), digit);
    }

    // Hyphen, point and slash stand before the digits in ASCII.
    private static Vector128<byte> IsInNumber(Vector128<byte> bytes)
    {
        var fromHyphen = bytes - Vector128.Create((byte)'-');
        return Vector128.Equals(Vector128.Min(fromHyphen, Vector128.Create((byte)('9' - '-'))), fromHyphen)
            | Vector128.Equals(bytes, Vector128.Create((byte)' ')) | Vector128.Equals(bytes, Vector128.Create((byte)'\t'));
    }

    // Signs of an address, also in full width, an escape, and a double.
    private static Vector128<byte> IsSign(Vector128<byte> bytes) =>
        Vector128.Equals(bytes, Vector128.Create((byte)'@')) | Vector128.Equals(bytes, Vector128.Create((byte)'\\'))
        | Vector128.Equals(bytes, Vector128.Create(DoubleValueTag)) | Vector128.Equals(bytes, Vector128.Create(FullWidthLead));

    /// <summary>
    /// Looks at a run closely. Its ends may be bytes of the encoding: a length before it, the next field's tag behind it.
    /// </summary>
    internal static bool MayBe(ReadOnlySpan<byte> message, int start, int end, SensitiveValueKinds kinds)
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
    private static bool MayBe(ReadOnlySpan<byte> message, int start, int end, ulong digits, SensitiveValueKinds kinds)
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
            var gap = BitOperations.TrailingZeroCount(left) & 63;
            left >>= gap;
            var next = gap == 1 ? BitOperations.TrailingZeroCount(~left) : 0;
            if (at > 0 && MayBeGroup(message[start..end], end - start - at - group, group, next, isFirst, kinds))
            {
                return true;
            }

            at -= gap;
        }

        return (kinds & SensitiveValueKinds.ResidentId) != 0 && count >= CheckedNumbers.ResidentIdLength - 1
            && MayBeGroups(message[start..end], message[Math.Min(end, message.Length - 1)], kinds);
    }

    /// <summary>Whether the byte before a run is a letter, and text for certain: an order number's, as it is in most spans.</summary>
    private static bool IsAfterText(ReadOnlySpan<byte> message, int start) =>
        IsLetter(message, start - 1) && message[start - 1] != EventNameTag && !IsTextTag(message, start - 2);

    private static bool MayBeNumber(ReadOnlySpan<byte> message, int start, int end, SensitiveValueKinds kinds) =>
        (kinds & SensitiveValueKinds.ResidentId) != 0 && end - start >= CheckedNumbers.ResidentIdLength - 1
        && MayBeResidentId(message[start..Math.Min(end + 1, message.Length)]);

    /// <summary>
    /// Looks at digits in groups. The first and the last may have got bytes of the encoding, those between are exact: a
    /// central bank account's date, for example, is none of a card's groups.
    /// </summary>
    private static bool MayBeGroups(ReadOnlySpan<byte> run, byte next, SensitiveValueKinds kinds)
    {
        Span<byte> digits = stackalloc byte[GroupedDigitsMax];
        var count = 0;
        var group = 0;
        var groups = 0;
        for (var i = 0; i < run.Length; i++)
        {
            if ((byte)(run[i] - '0') > 9)
            {
                if (group > 0 && MayBeGroup(run, i - group, group, SensitiveValueFinder.DigitRun(run[(i + 1)..]), groups == 0, kinds))
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

            digits[count++] = run[i];
        }

        digits[count++] = next;
        return (kinds & SensitiveValueKinds.ResidentId) != 0 && MayBeResidentId(digits[..count]);
    }

    // Of three digits is only the middle of a phone number: four or more follow. A network address has threes alone.
    // An area code begins with 0; what a run begins with may have got a byte of the encoding, and so may the number behind it.
    private static bool MayBeGroup(ReadOnlySpan<byte> run, int at, int digits, int next, bool isFirst, SensitiveValueKinds kinds) =>
        (!isFirst && (digits is 4 or 6 || (digits == 3 && next >= 4)))
        || (next is >= 7 and <= 9 && (kinds & SensitiveValueKinds.Landline) != 0
            && ((digits is 3 or 4 && run[at] == (byte)'0') || (at == 0 && digits is 4 or 5 && run[1] == (byte)'0')));

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
    private static bool IsPersonal(ReadOnlySpan<byte> varint, SensitiveValueKinds kinds)
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

        return SensitiveValueFinder.KindOf((long)number, kinds) != SensitiveValueKinds.None;
    }

    private static bool InNumber(byte b) => (byte)(b - '-') <= '9' - '-' || b is (byte)' ' or (byte)'\t';

    private static bool IsLetter(ReadOnlySpan<byte> message, int at) => at >= 0 && (byte)((message[at] | 0x20) - 'a') <= 25;

    // Tags of texts in OTLP, the end of a tag written longer than need be, and the first byte of a length of two: after
    // any of them a letter may be a length.
    private static bool IsTextTag(ReadOnlySpan<byte> message, int at) =>
        at < 0 || message[at] is 0x00 or 0x0A or 0x12 or 0x1A or 0x22 or 0x2A or 0x3A or EventNameTag or >= 0x80;

    /// <summary>What a window needs to know of the one before: which bytes end so many in a row.</summary>
    private readonly record struct Trail(
        ulong InNumber, ulong Two, ulong Four, ulong Eight, ulong High, ulong HighTwo, ulong HighFour, ulong Digits, ulong DigitTwo, ulong Mixed,
        ulong MixedTwo, ulong MixedFour);

    /// <summary>Up to where runs that go on into the next window were looked at.</summary>
    private struct Seen
    {
        /// <summary>Runs of digits and separators.</summary>
        public int Numbers;

        /// <summary>Digits that may be in a word.</summary>
        public int Words;

        /// <summary>Runs that have bytes beyond ASCII too.</summary>
        public int Others;
    }
}
