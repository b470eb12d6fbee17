namespace TelemetryPipeline.Processors.FinancialEnrichment.SensitiveValues;

/// <summary>Tells personal numbers from other digits by their ranges and check digits. Arguments hold ASCII digits only, but for a final X.</summary>
internal static class CheckedNumbers
{
    /// <summary>Length of a resident identity number.</summary>
    public const int ResidentIdLength = 18;

    /// <summary>The shortest card number.</summary>
    public const int CardNumberMin = 13;

    /// <summary>The longest card number.</summary>
    public const int CardNumberMax = 19;

    /// <summary>Length of a mobile number without its country.</summary>
    public const int PhoneLength = 11;

    /// <summary>Length of a resident identity number issued until 1999.</summary>
    public const int ResidentId15Length = 15;

    private const int Modulus = 11;

    // 2^(17 - i) mod 11, and the check characters in the order of the remainder.
    private static ReadOnlySpan<byte> Weights => [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

    private static ReadOnlySpan<byte> CheckCharacters => "10X98765432"u8;

    /// <summary>Whether 18 characters are a resident identity number: region, birth date and check character.</summary>
    public static bool IsResidentId(ReadOnlySpan<byte> id)
    {
        if (id.Length != ResidentIdLength || id[0] == (byte)'0')
        {
            return false;
        }

        var year = Number(id.Slice(6, 4));
        var month = Number(id.Slice(10, 2));
        var day = Number(id.Slice(12, 2));
        if (year is < 1900 or > 2099 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        var sum = 0;
        for (var i = 0; i < Weights.Length; i++)
        {
            sum += (id[i] - '0') * Weights[i];
        }

        return CheckCharacters[sum % Modulus] == (id[^1] == (byte)'x' ? (byte)'X' : id[^1]);
    }

    /// <summary>Whether 15 digits are a resident identity number as issued until 1999: province and birth date.</summary>
    public static bool IsResidentId15(ReadOnlySpan<byte> digits)
    {
        if (digits.Length != ResidentId15Length || !IsProvince(digits))
        {
            return false;
        }

        var month = Number(digits.Slice(8, 2));
        var day = Number(digits.Slice(10, 2));
        return month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(1900 + Number(digits.Slice(6, 2)), month);
    }

    /// <summary>Whether digits begin with the code of a province (GB/T 2260).</summary>
    public static bool IsProvince(ReadOnlySpan<byte> digits) => Number(digits[..2]) is (>= 11 and <= 15) or (>= 21 and <= 23)
        or (>= 31 and <= 37) or (>= 41 and <= 46) or (>= 50 and <= 54) or (>= 61 and <= 65) or 71 or 81 or 82;

    /// <summary>Whether 11 or 12 digits are a landline number: an area code from 0 on, then seven or eight digits.</summary>
    public static bool IsLandline(ReadOnlySpan<byte> digits)
    {
        if (digits.Length is not (PhoneLength or PhoneLength + 1) || digits[0] != (byte)'0')
        {
            return false;
        }

        var isShortArea = digits[1] == (byte)'2' || (digits[1] == (byte)'1' && digits[2] == (byte)'0');
        var first = digits[isShortArea ? 3 : 4];
        return first is >= (byte)'2' and <= (byte)'8' && (isShortArea ? digits.Length == PhoneLength : digits[1] >= (byte)'3');
    }

    /// <summary>Whether digits are a card number: the industry's first digits, and Luhn's check digit.</summary>
    public static bool IsCardNumber(ReadOnlySpan<byte> digits)
    {
        if (digits.Length is < CardNumberMin or > CardNumberMax || !BeginsLikeCard(digits))
        {
            return false;
        }

        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[digits.Length - 1 - i] - '0';
            var doubled = digit * 2;
            sum += (i & 1) == 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
        }

        return sum % 10 == 0;
    }

    /// <summary>Whether 11 digits are a mobile number of China: 13 to 19, then nine more.</summary>
    public static bool IsPhone(ReadOnlySpan<byte> digits) =>
        digits.Length == PhoneLength && digits[0] == (byte)'1' && digits[1] >= (byte)'3';

    // 3 to 6: American Express, JCB, Diners, Visa, Mastercard, UnionPay, Discover; 22 to 27 Mastercard; 81 UnionPay.
    private static bool BeginsLikeCard(ReadOnlySpan<byte> digits) => digits[0] is >= (byte)'3' and <= (byte)'6'
        || (digits[0] == (byte)'2' && digits[1] is >= (byte)'2' and <= (byte)'7')
        || (digits[0] == (byte)'8' && digits[1] == (byte)'1');

    private static int Number(ReadOnlySpan<byte> digits)
    {
        var number = 0;
        foreach (var digit in digits)
        {
            number = (number * 10) + (digit - '0');
        }

        return number;
    }
}
