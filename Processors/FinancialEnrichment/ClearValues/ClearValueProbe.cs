namespace TelemetryPipeline.Processors.FinancialEnrichment.ClearValues;

/// <summary>
/// Says quickly, from the bytes of a whole message, whether a personal number may be in it. Never misses one; says yes
/// too often by a little. Nearly every span ends here.
/// </summary>
internal static class ClearValueProbe
{
    // The shortest number. A run of that many digits and separators has one at every place a multiple of it.
    private const int Stride = CheckedNumbers.PhoneLength;
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
    public static bool MayContain(ReadOnlySpan<byte> message, ClearValueKinds kinds) =>
        MayContainText(message, kinds) || MayContainInteger(message, kinds);

    private static bool MayContainText(ReadOnlySpan<byte> message, ClearValueKinds kinds)
    {
        var at = Stride - 1;
        while (at < message.Length)
        {
            if (!InNumber(message[at]))
            {
                at += Stride;
                continue;
            }

            var start = at;
            while (start > 0 && InNumber(message[start - 1]))
            {
                start--;
            }

            var end = at + 1;
            while (end < message.Length && InNumber(message[end]))
            {
                end++;
            }

            if (end - start >= Stride && MayBe(message, start, end, kinds))
            {
                return true;
            }

            at = end + Stride;
        }

        return false;
    }

    /// <summary>
    /// Looks at a run closely. Its ends may be bytes of the encoding: a length before it, the next field's tag behind it.
    /// </summary>
    private static bool MayBe(ReadOnlySpan<byte> message, int start, int end, ClearValueKinds kinds)
    {
        var digits = 0;
        foreach (var b in message[start..end])
        {
            digits += (byte)(b - '0') <= 9 ? 1 : 0;
        }

        if (digits < Stride)
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

    /// <summary>Looks at integer values that have enough digits.</summary>
    private static bool MayContainInteger(ReadOnlySpan<byte> message, ClearValueKinds kinds)
    {
        while (true)
        {
            var tag = message.IndexOf(IntValueTag);
            if (tag < 0)
            {
                return false;
            }

            message = message[(tag + 1)..];
            ulong number = 0;
            var length = 0;
            while (length < Math.Min(message.Length, VarintBytesMax))
            {
                var part = message[length];
                number |= (ulong)(part & 0x7F) << (7 * length++);
                if (part < 0x80)
                {
                    break;
                }
            }

            if (ClearValueFinder.KindOf((long)number, kinds) != ClearValueKinds.None)
            {
                return true;
            }
        }
    }

    private static bool InNumber(byte b) => (byte)(b - '0') <= 9 || b is (byte)' ' or (byte)'-';

    private static bool IsLetter(ReadOnlySpan<byte> message, int at) => at >= 0 && (byte)((message[at] | 0x20) - 'a') <= 25;

    // Tags of texts in OTLP, the end of a tag written longer than need be, and the first byte of a length of two: after
    // any of them a letter may be a length.
    private static bool IsTextTag(ReadOnlySpan<byte> message, int at) =>
        at < 0 || message[at] is 0x00 or 0x0A or 0x12 or 0x1A or 0x22 or 0x2A or 0x3A or EventNameTag or >= 0x80;
}
