using System.Buffers.Binary;
using System.Numerics;

namespace TelemetryPipeline.Processors.FinancialEnrichment.SensitiveValues;

/// <content>Words, addresses, doubles, and numbers in other forms than digits of ASCII.</content>
internal static partial class SensitiveValueProbe
{
    private const byte DoubleValueTag = 0x21;
    private const byte FullWidthLead = 0xEF;
    private const int DomainMax = 255;

    // The bytes of the mask's first bit and of those before it.
    private const int MixedMin = 8;

    /// <summary>Looks at what a window has besides numbers in plain digits.</summary>
    /// <param name="message">The message.</param>
    /// <param name="at">Where the window begins in it.</param>
    /// <param name="digits">A bit for each digit.</param>
    /// <param name="words">A bit for each byte that ends six digits in a row.</param>
    /// <param name="mixed">A bit for each byte of a number or beyond ASCII.</param>
    /// <param name="others">A bit for each byte that ends eight of those in a row.</param>
    /// <param name="signs">A bit for each sign that may begin something.</param>
    /// <param name="kinds">What to look for.</param>
    /// <param name="seen">What was looked at before.</param>
    private static bool MayContainOther(
        ReadOnlySpan<byte> message, int at, ulong digits, ulong words, ulong mixed, ulong others, ulong signs, SensitiveValueKinds kinds,
        ref Seen seen)
    {
        for (var left = signs; left != 0; left &= left - 1)
        {
            if (MayBeSign(message, at + BitOperations.TrailingZeroCount(left), kinds))
            {
                return true;
            }
        }

        words = (kinds & SensitiveValueKinds.Words) != 0 ? words : 0;
        while (words != 0)
        {
            var sixth = BitOperations.TrailingZeroCount(words);
            var end = RunEnd(message, at, sixth, digits, static b => (byte)(b - '0') <= 9);
            words = Behind(words, end - at);
            if (end > seen.Words && MayBeWord(message, at + sixth - CheckedWords.DigitsMin + 1, end, kinds))
            {
                return true;
            }

            seen.Words = end;
        }

        while (others != 0)
        {
            var eighth = BitOperations.TrailingZeroCount(others);
            var end = RunEnd(message, at, eighth, mixed, IsMixed);
            others = Behind(others, end - at);
            if (end <= seen.Others || HasTooFewDigits(digits, signs, eighth - MixedMin + 1, end - at))
            {
                continue;
            }

            // It may have begun in windows that had nothing beyond ASCII.
            var start = at + eighth - MixedMin + 1;
            while (start > seen.Others && IsMixed(message[start - 1]))
            {
                start--;
            }

            if (HasOtherForm(message[start..end]))
            {
                return true;
            }

            seen.Others = end;
        }

        return false;
    }

    // Nearly all of these runs are ids and times: of a run within a window the masks tell.
    private static bool HasTooFewDigits(ulong digits, ulong signs, int start, int end)
    {
        if (start < 0 || end >= WindowBytes)
        {
            return false;
        }

        var run = ((1UL << (end - start)) - 1) << start;
        return (signs & run) == 0 && BitOperations.PopCount(digits & run) < CheckedWords.DigitsMin;
    }

    private static bool IsMixed(byte b) => b >= 0x80 || InNumber(b);

    private static int RunEnd(ReadOnlySpan<byte> message, int at, int bit, ulong mask, Func<byte, bool> isInRun)
    {
        var end = bit + BitOperations.TrailingZeroCount(~(mask >> bit));
        if (end < WindowBytes)
        {
            return at + end;
        }

        end = at + WindowBytes;
        while (end < message.Length && isInRun(message[end]))
        {
            end++;
        }

        return end;
    }

    private static ulong Behind(ulong mask, int bit) => bit < WindowBytes ? mask & (ulong.MaxValue << bit) : 0;

    /// <summary>Looks at what a sign begins, or is in.</summary>
    internal static bool MayBeSign(ReadOnlySpan<byte> message, int at, SensitiveValueKinds kinds) => message[at] switch
    {
        (byte)'@' => (kinds & SensitiveValueKinds.Email) != 0 && MayBeEmail(message, at),
        FullWidthLead => (kinds & SensitiveValueKinds.Email) != 0 && message[(at + 1)..].StartsWith((ReadOnlySpan<byte>)[0xBC, 0xA0]),
        (byte)'\\' => kinds != 0 && IsEscapeOfOtherForm(message[(at + 1)..]),
        _ => message.Length - at > sizeof(double)
            && IsPersonal(BinaryPrimitives.ReadDoubleLittleEndian(message[(at + 1)..]), kinds),
    };

    private static bool IsPersonal(double number, SensitiveValueKinds kinds) =>
        number is > 0 and < long.MaxValue && (long)number == number && SensitiveValueFinder.KindOf((long)number, kinds) != SensitiveValueKinds.None;

    // The last label is not known to end where the text does: the next field's tag may look like a part of it. Beside the @
    // there may be characters in full width, or invisible ones.
    private static bool MayBeEmail(ReadOnlySpan<byte> message, int at)
    {
        var isPointBefore = false;
        if (at == 0 || !(CheckedWords.IsLocal(message[at - 1]) || IsLead(message[Math.Max(0, at - 2)]) || IsLead(message[Math.Max(0, at - 3)])))
        {
            return false;
        }

        var domain = message[(at + 1)..Math.Min(message.Length, at + 1 + DomainMax)];
        foreach (var b in domain)
        {
            var isLetter = (byte)((b | 0x20) - 'a') <= 25;
            if ((isLetter && isPointBefore) || IsLead(b))
            {
                return true;
            }

            if (!isLetter && (byte)(b - '0') > 9 && b is not ((byte)'-' or (byte)'.'))
            {
                return false;
            }

            isPointBefore = b == (byte)'.';
        }

        return false;
    }

    // The first bytes of characters that have another form or none: soft hyphen, zero width, full width.
    private static bool IsLead(byte b) => b is 0xC2 or 0xE2 or FullWidthLead;

    // Of ASCII, of spaces and dashes, of the ideographic space, of full-width forms; most others are of words.
    private static bool IsEscapeOfOtherForm(ReadOnlySpan<byte> text) =>
        text.Length > 2 && text[0] == (byte)'u'
        && ((text[2] == (byte)'0' && text[1] is (byte)'0' or (byte)'2' or (byte)'3')
            || ((text[1] | 0x20) == 'f' && (text[2] | 0x20) is 'e' or 'f'));

    /// <summary>Whether bytes beyond ASCII in a run may be a number's digits, or stand between them.</summary>
    internal static bool HasOtherForm(ReadOnlySpan<byte> run)
    {
        var digits = 0;
        var others = 0;
        for (var i = 0; i < run.Length; i++)
        {
            var isFullWidth = run[i] == 0xEF && i + 2 < run.Length && run[i + 1] == 0xBC && (byte)(run[i + 2] - 0x90) <= 9;
            digits += isFullWidth || (byte)(run[i] - '0') <= 9 ? 1 : 0;
            others += run[i] >= 0x80 ? 1 : 0;
        }

        return others > 0 && digits >= CheckedWords.DigitsMin;
    }

    /// <summary>Looks at a run of digits that may be in a word. What stands before and behind it may be of the encoding.</summary>
    internal static bool MayBeWord(ReadOnlySpan<byte> message, int start, int end, SensitiveValueKinds kinds)
    {
        var one = start >= 1 && IsUpper(message[start - 1]);
        var two = one && start >= 2 && IsUpper(message[start - 2]);
        return (one && MayBeLettersAndDigits(message, start - 1, start, end, kinds))
            || (two && MayBeLettersAndDigits(message, start - 2, start, end, kinds))
            || ((kinds & SensitiveValueKinds.CompanyCode) != 0 && MayBeCompanyCode(message, start, end));
    }

    private static bool MayBeLettersAndDigits(ReadOnlySpan<byte> message, int first, int start, int end, SensitiveValueKinds kinds)
    {
        if (!MayBegin(message, first))
        {
            return false;
        }

        var passport = message[first..Math.Min(message.Length, first + CheckedWords.PassportLength)];
        if ((kinds & SensitiveValueKinds.Passport) != 0 && end - first >= CheckedWords.PassportLength && CheckedWords.IsPassport(passport))
        {
            return true;
        }

        var check = start + CheckedWords.DigitsMin;
        check += check < message.Length && message[check] == (byte)'(' ? 1 : 0;
        if ((kinds & SensitiveValueKinds.HongKongId) == 0 || check >= message.Length)
        {
            return false;
        }

        var letters = start - first;
        Span<byte> word = stackalloc byte[2 + CheckedWords.DigitsMin + 1];
        word = word[..(letters + CheckedWords.DigitsMin + 1)];
        message.Slice(first, word.Length - 1).CopyTo(word);
        word[^1] = message[check];
        return CheckedWords.IsHongKongId(word);
    }

    private static bool MayBeCompanyCode(ReadOnlySpan<byte> message, int start, int end)
    {
        // Two characters, then six digits of the region. Behind a digit that is text for certain no code begins.
        var last = Math.Min(start + 1, end - 2 - CheckedWords.DigitsMin);
        for (var first = Math.Max(0, start - 2); first <= last; first++)
        {
            if (first + CheckedWords.CompanyCodeLength <= message.Length
                && CheckedWords.IsCompanyCode(message.Slice(first, CheckedWords.CompanyCodeLength)) && MayBegin(message, first))
            {
                return true;
            }
        }

        return false;
    }

    private static bool MayBegin(ReadOnlySpan<byte> message, int at) =>
        at == 0 || !CheckedWords.IsAlphanumeric(message[at - 1]) || IsTextTag(message, at - 2);

    private static bool IsUpper(byte b) => (byte)(b - 'A') <= 25;
}
