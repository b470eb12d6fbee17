using System.Buffers;

namespace TelemetryPipeline.Processors.FinancialEnrichment.SensitiveValues;

/// <summary>
/// Finds personal data in text: numbers written in one, or in groups with one space, tab, hyphen, point or slash between them
/// (<c>6222 0212 3456 7894</c>, <c>139-1234-5678</c>), identifiers with letters, and e-mail addresses. Reads ASCII; other
/// forms go through a <see cref="TextSkeleton"/> first.
/// </summary>
/// <remarks>
/// Card and phone numbers must not touch a letter or digit on either side: order numbers end in many digits, a tenth
/// of which would pass Luhn's check. A resident identity number is found inside words and longer numbers too, since its
/// date and check digit leave little to chance.
/// </remarks>
internal static class SensitiveValueFinder
{
    // The longest number, with a separator between all digits but as groups hold at least three: 19 digits, 6 separators.
    private const int GroupedLengthMax = 26;
    private const int DigitsMax = 24;
    private const int RunMax = 64;

    // The least number of 13 digits that begins like a card's.
    private const long CardsFrom = 2_200_000_000_000;
    private const int ShapeBase = 100;

    private static readonly SearchValues<byte> Candidates = SearchValues.Create("0123456789@"u8);

    /// <summary>Finds the first personal number at or after a position.</summary>
    /// <param name="text">The text.</param>
    /// <param name="from">Where to begin.</param>
    /// <param name="kinds">What to look for.</param>
    /// <param name="start">Where the number begins.</param>
    /// <param name="length">Its length.</param>
    /// <param name="kind">What it is.</param>
    public static bool TryFind(
        ReadOnlySpan<byte> text, int from, SensitiveValueKinds kinds, out int start, out int length, out SensitiveValueKinds kind)
    {
        start = from;
        while (start < text.Length)
        {
            var ahead = text[start..].IndexOfAny(Candidates);
            if (ahead < 0)
            {
                break;
            }

            start += ahead;
            if (text[start] == (byte)'@')
            {
                if ((kinds & SensitiveValueKinds.Email) != 0 && CheckedWords.TryEmail(text, start, from, out var email, out length))
                {
                    start = email;
                    kind = SensitiveValueKinds.Email;
                    return true;
                }

                start++;
                continue;
            }

            // A longer run is looked at in parts that overlap by a resident identity number, the only kind found inside one.
            var run = DigitRun(text[start..Math.Min(text.Length, start + RunMax)]);
            if (TryMatchAt(text, ref start, run, kinds, out length, out kind)
                || (run >= CheckedWords.DigitsMin && TryWord(text, from, ref start, kinds, out length, out kind)))
            {
                return true;
            }

            start += run == RunMax ? RunMax - CheckedNumbers.ResidentIdLength + 1 : run;
        }

        length = 0;
        kind = SensitiveValueKinds.None;
        return false;
    }

    /// <summary>Whether a number is a personal number when it is written in decimal.</summary>
    public static SensitiveValueKinds KindOf(long number, SensitiveValueKinds kinds)
    {
        // The shortest has eleven digits. Then most are times in milliseconds, with a first digit that no card begins with,
        // and twelve digits are nothing.
        if (number < 10_000_000_000 || number is >= 20_000_000_000 and < CardsFrom)
        {
            return SensitiveValueKinds.None;
        }

        Span<byte> digits = stackalloc byte[20];
        number.TryFormat(digits, out var length, default, System.Globalization.CultureInfo.InvariantCulture);
        digits = digits[..length];
        return (kinds & SensitiveValueKinds.ResidentId) != 0 && CheckedNumbers.IsResidentId(digits) ? SensitiveValueKinds.ResidentId
            : (kinds & SensitiveValueKinds.CardNumber) != 0 && CheckedNumbers.IsCardNumber(digits) ? SensitiveValueKinds.CardNumber
            : (kinds & SensitiveValueKinds.Phone) != 0 && CheckedNumbers.IsPhone(digits) ? SensitiveValueKinds.Phone
            : (kinds & SensitiveValueKinds.ResidentId15) != 0 && CheckedNumbers.IsResidentId15(digits) ? SensitiveValueKinds.ResidentId15
            : SensitiveValueKinds.None;
    }

    /// <summary>How many digits a text begins with.</summary>
    internal static int DigitRun(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return end < 0 ? text.Length : end;
    }

    private static bool TryMatchAt(
        ReadOnlySpan<byte> text, ref int start, int run, SensitiveValueKinds kinds, out int length, out SensitiveValueKinds kind)
    {
        kind = SensitiveValueKinds.ResidentId;
        if ((kinds & kind) != 0 && TryResidentId(text, ref start, run, out length))
        {
            return true;
        }

        if (start > 0 && IsWord(text[start - 1]))
        {
            length = 0;
            return false;
        }

        return TryPlain(text.Slice(start), run, kinds, out length, out kind) || TryGrouped(text, start, kinds, out length, out kind);
    }

    /// <summary>Looks for a resident identity number anywhere in a run of digits, a final X included.</summary>
    private static bool TryResidentId(ReadOnlySpan<byte> text, ref int start, int run, out int length)
    {
        length = CheckedNumbers.ResidentIdLength;
        var end = start + run;
        var withX = end < text.Length && (text[end] | 0x20) == 'x' ? 1 : 0;
        for (var i = start; i + length <= end + withX; i++)
        {
            if (CheckedNumbers.IsResidentId(text.Slice(i, length)))
            {
                start = i;
                return true;
            }
        }

        return false;
    }

    private static bool TryPlain(ReadOnlySpan<byte> text, int run, SensitiveValueKinds kinds, out int length, out SensitiveValueKinds kind)
    {
        length = run;
        kind = SensitiveValueKinds.None;
        if (run < CheckedNumbers.PhoneLength || run > CheckedNumbers.CardNumberMax || (run < text.Length && IsWord(text[run])))
        {
            return false;
        }

        kind = Classify(text[..run], kinds);
        return kind != SensitiveValueKinds.None;
    }

    private static bool TryGrouped(ReadOnlySpan<byte> text, int start, SensitiveValueKinds kinds, out int length, out SensitiveValueKinds kind)
    {
        Span<byte> digits = stackalloc byte[DigitsMax];
        var count = 0;
        var groups = 0;
        var shape = 0L;
        var end = start;
        byte separator = 0;
        length = 0;
        kind = SensitiveValueKinds.None;
        while (end < text.Length && end - start <= GroupedLengthMax)
        {
            var run = DigitRun(text[end..]);
            if (run == 0 || count + run > DigitsMax)
            {
                break;
            }

            text.Slice(end, run).CopyTo(digits[count..]);
            count += run;
            end += run;
            groups++;
            shape = (shape * ShapeBase) + run;
            var next = end < text.Length ? text[end] : (byte)0;

            // The longest match counts: 16 digits may go on to 19.
            if (groups > 1 && !IsWord(next) && Classify(digits[..count], kinds) is var found && HasShape(found, shape))
            {
                length = end - start;
                kind = found;
            }

            if (!IsSeparator(next) || (separator != 0 && separator != next))
            {
                // A resident identity number may end in X after its last group.
                digits[Math.Min(count, DigitsMax - 1)] = (byte)'X';
                if (groups > 1 && count == CheckedNumbers.ResidentIdLength - 1 && (next | 0x20) == 'x'
                    && (kinds & SensitiveValueKinds.ResidentId) != 0 && CheckedNumbers.IsResidentId(digits[..(count + 1)]))
                {
                    length = end + 1 - start;
                    kind = SensitiveValueKinds.ResidentId;
                }

                break;
            }

            separator = next;
            end++;
        }

        return length > 0;
    }

    /// <summary>Whether groups are as people write such a number: anything else, a UUID for example, is not one.</summary>
    private static bool HasShape(SensitiveValueKinds kind, long shape)
    {
        switch (kind)
        {
            case SensitiveValueKinds.ResidentId:
                return true;
            case SensitiveValueKinds.Phone:
                return shape is 3_04_04 or 2_03_04_04 or 4_03_04_04 or 2_11 or 4_11;
            case SensitiveValueKinds.Landline:
                return shape is 3_08 or 4_07 or 4_08 or 3_04_04 or 4_04_04 or 4_03_04;
            case SensitiveValueKinds.ResidentId15:
                return shape is 6_06_03;
            case SensitiveValueKinds.CardNumber:
                // Fours with a shorter last group, American Express, and a bank's number before the account's.
                var fours = shape / ShapeBase;
                while (fours % ShapeBase == 4)
                {
                    fours /= ShapeBase;
                }

                return (fours == 0 && shape % ShapeBase <= 4) || shape is 4_06_05 or 6_13 or 6_10;
            default:
                return false;
        }
    }

    private static SensitiveValueKinds Classify(ReadOnlySpan<byte> digits, SensitiveValueKinds kinds)
    {
        if ((kinds & SensitiveValueKinds.ResidentId) != 0 && CheckedNumbers.IsResidentId(digits))
        {
            return SensitiveValueKinds.ResidentId;
        }

        if ((kinds & SensitiveValueKinds.CardNumber) != 0 && CheckedNumbers.IsCardNumber(digits))
        {
            return SensitiveValueKinds.CardNumber;
        }

        return (kinds & SensitiveValueKinds.Phone) != 0 && CheckedNumbers.IsPhone(WithoutCountry(digits)) ? SensitiveValueKinds.Phone
            : (kinds & SensitiveValueKinds.Landline) != 0 && CheckedNumbers.IsLandline(digits) ? SensitiveValueKinds.Landline
            : (kinds & SensitiveValueKinds.ResidentId15) != 0 && CheckedNumbers.IsResidentId15(digits) ? SensitiveValueKinds.ResidentId15
            : SensitiveValueKinds.None;
    }

    private static ReadOnlySpan<byte> WithoutCountry(ReadOnlySpan<byte> digits) =>
        digits.Length == CheckedNumbers.PhoneLength + 2 && digits.StartsWith("86"u8) ? digits[2..]
            : digits.Length == CheckedNumbers.PhoneLength + 4 && digits.StartsWith("0086"u8) ? digits[4..]
            : digits;

    /// <summary>Whether a byte may stand between the groups of a number.</summary>
    internal static bool IsSeparator(byte b) => b is (byte)' ' or (byte)'-' or (byte)'.' or (byte)'/' or (byte)'\t';

    /// <summary>Looks at the word that digits are in: the kinds that hold letters.</summary>
    private static bool TryWord(
        ReadOnlySpan<byte> text, int from, ref int start, SensitiveValueKinds kinds, out int length, out SensitiveValueKinds kind)
    {
        length = 0;
        kind = SensitiveValueKinds.None;
        if ((kinds & SensitiveValueKinds.Words) == 0)
        {
            return false;
        }

        var first = start;
        while (first > from && start - first < CheckedWords.CompanyCodeLength && IsWord(text[first - 1]))
        {
            first--;
        }

        var end = start;
        while (end < text.Length && end - first <= CheckedWords.CompanyCodeLength && IsWord(text[end]))
        {
            end++;
        }

        if (first > 0 && IsWord(text[first - 1]))
        {
            return false;
        }

        kind = KindOfWord(text[first..], end - first, kinds, out length);
        start = kind == SensitiveValueKinds.None ? start : first;
        return kind != SensitiveValueKinds.None;
    }

    private static SensitiveValueKinds KindOfWord(ReadOnlySpan<byte> text, int wordLength, SensitiveValueKinds kinds, out int length)
    {
        const int HongKongDigitsEnd = 7;
        length = wordLength;
        var word = text[..wordLength];
        if ((kinds & SensitiveValueKinds.CompanyCode) != 0 && CheckedWords.IsCompanyCode(word))
        {
            return SensitiveValueKinds.CompanyCode;
        }

        if ((kinds & SensitiveValueKinds.Passport) != 0 && CheckedWords.IsPassport(word))
        {
            return SensitiveValueKinds.Passport;
        }

        if ((kinds & SensitiveValueKinds.HongKongId) == 0)
        {
            return SensitiveValueKinds.None;
        }

        // The check character stands in parentheses as a rule.
        if (wordLength is HongKongDigitsEnd or HongKongDigitsEnd + 1 && text.Length >= wordLength + 3
            && text[wordLength] == (byte)'(' && text[wordLength + 2] == (byte)')')
        {
            Span<byte> plain = stackalloc byte[wordLength + 1];
            word.CopyTo(plain);
            plain[wordLength] = text[wordLength + 1];
            if (CheckedWords.IsHongKongId(plain))
            {
                length = wordLength + 3;
                return SensitiveValueKinds.HongKongId;
            }
        }

        return CheckedWords.IsHongKongId(word) ? SensitiveValueKinds.HongKongId : SensitiveValueKinds.None;
    }

    private static bool IsWord(byte b) => CheckedWords.IsAlphanumeric(b);
}
