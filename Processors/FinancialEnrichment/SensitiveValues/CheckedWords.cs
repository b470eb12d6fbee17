using System.Buffers;

namespace TelemetryPipeline.Processors.FinancialEnrichment.SensitiveValues;

/// <summary>Recognises identifiers that hold letters, and e-mail addresses. Arguments are ASCII.</summary>
internal static class CheckedWords
{
    /// <summary>Length of a unified social credit code.</summary>
    public const int CompanyCodeLength = 18;

    /// <summary>Length of a passport number.</summary>
    public const int PassportLength = 9;

    /// <summary>Digits in a row that each of these identifiers has.</summary>
    public const int DigitsMin = 6;

    private const int CompanyModulus = 31;
    private const int HongKongModulus = 11;
    private const int HongKongSpace = 36;
    private const int LocalPartMax = 64;
    private const int DomainMax = 255;

    // RFC 5322 allows more, but "to=a@b.cn" and "a|b@c.cn" are what is found in texts.
    private static readonly SearchValues<byte> LocalBytes =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._%+-'"u8);

    private static ReadOnlySpan<byte> CompanyCharacters => "0123456789ABCDEFGHJKLMNPQRTUWXY"u8;

    /// <summary>Whether a word is a passport number.</summary>
    public static bool IsPassport(ReadOnlySpan<byte> word)
    {
        if (word.Length != PassportLength || !AreDigits(word[2..]))
        {
            return false;
        }

        return (word[0], word[1]) switch
        {
            ((byte)'E' or (byte)'G', >= (byte)'0' and <= (byte)'9') => true,
            ((byte)'D' or (byte)'S' or (byte)'P', (byte)'E') => true,
            ((byte)'E', >= (byte)'A' and <= (byte)'Z') => word[1] is not ((byte)'I' or (byte)'O'),
            _ => false,
        };
    }

    /// <summary>Whether a word is a Hong Kong identity card number without parentheses: letters, digits, check character.</summary>
    public static bool IsHongKongId(ReadOnlySpan<byte> word)
    {
        var letters = word.Length - DigitsMin - 1;
        if (letters is not (1 or 2) || !AreDigits(word.Slice(letters, DigitsMin)))
        {
            return false;
        }

        var sum = (letters == 1 ? HongKongSpace : 0) * 9;
        for (var i = 0; i < word.Length; i++)
        {
            var value = word[i] switch
            {
                >= (byte)'A' and <= (byte)'Z' when i < letters || (i == word.Length - 1 && word[i] == (byte)'A') => word[i] - 'A' + 10,
                >= (byte)'0' and <= (byte)'9' when i >= letters => word[i] - '0',
                _ => -1,
            };
            if (value < 0)
            {
                return false;
            }

            sum += value * (word.Length - i);
        }

        return sum % HongKongModulus == 0;
    }

    /// <summary>Whether a word is a unified social credit code: region and check character are right.</summary>
    public static bool IsCompanyCode(ReadOnlySpan<byte> word)
    {
        // The registering department, what kind of body it is, the region.
        if (word.Length != CompanyCodeLength || word[0] is not ((>= (byte)'1' and <= (byte)'9') or (byte)'A' or (byte)'N' or (byte)'Y')
            || word[1] is not ((>= (byte)'1' and <= (byte)'5') or (byte)'9')
            || !AreDigits(word.Slice(2, DigitsMin)) || !CheckedNumbers.IsProvince(word[2..]))
        {
            return false;
        }

        var (sum, weight) = (0, 1);
        for (var i = 0; i < word.Length - 1; i++)
        {
            var value = CompanyCharacters.IndexOf(word[i]);
            if (value < 0)
            {
                return false;
            }

            sum += value * weight;
            weight = weight * 3 % CompanyModulus;
        }

        return CompanyCharacters[(CompanyModulus - (sum % CompanyModulus)) % CompanyModulus] == word[^1];
    }

    /// <summary>Finds the e-mail address around an @.</summary>
    /// <param name="text">The text.</param>
    /// <param name="at">Where the @ is.</param>
    /// <param name="from">Where the address may begin.</param>
    /// <param name="start">Where it begins.</param>
    /// <param name="length">Its length.</param>
    public static bool TryEmail(ReadOnlySpan<byte> text, int at, int from, out int start, out int length)
    {
        var least = Math.Max(from, at - LocalPartMax);
        start = least + text[least..at].LastIndexOfAnyExcept(LocalBytes) + 1;
        var domain = text[(at + 1)..Math.Min(text.Length, at + 1 + DomainMax)];
        var (end, label) = (0, 0);
        length = 0;
        for (var i = 0; i <= domain.Length; i++)
        {
            var b = i < domain.Length ? domain[i] : (byte)0;
            if (IsAlphanumeric(b) || (b == (byte)'-' && i > label))
            {
                continue;
            }

            // The longest domain counts whose last label is of letters, as those of the root are.
            if (label > 0 && i - label >= 2 && AreLetters(domain[label..i]))
            {
                end = i;
            }

            if (b != (byte)'.' || i == label)
            {
                break;
            }

            label = i + 1;
        }

        length = at + 1 + end - start;
        return end > 0 && start < at;
    }

    /// <summary>Whether a byte may stand before the @ of an address.</summary>
    public static bool IsLocal(byte b) => LocalBytes.Contains(b);

    /// <summary>Whether a byte is a letter or digit of ASCII.</summary>
    public static bool IsAlphanumeric(byte b) => (byte)(b - '0') <= 9 || (byte)((b | 0x20) - 'a') <= 25;

    private static bool AreDigits(ReadOnlySpan<byte> text) => !text.ContainsAnyExceptInRange((byte)'0', (byte)'9');

    private static bool AreLetters(ReadOnlySpan<byte> text)
    {
        foreach (var b in text)
        {
            if ((byte)((b | 0x20) - 'a') > 25)
            {
                return false;
            }
        }

        return true;
    }
}
