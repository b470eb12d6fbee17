namespace TelemetryPipeline.Transfers.Money;

/// <summary>Reads amounts as whole minor units, digit by digit: never through a floating-point number.</summary>
public static class MinorUnits
{
    private const long Tenfold = 10;

    /// <summary>
    /// Reads a decimal number: <c>1234.50</c>, <c>-0.05</c>, <c>1,234.50</c>. With a point it is in major units, without
    /// one it is in minor units already, unless <paramref name="wholeIsMajor"/>.
    /// </summary>
    /// <param name="text">ASCII digits, an optional sign, commas between groups of three, an optional point.</param>
    /// <param name="exponent">Decimal places of the currency; negative when it is not known or has no minor unit.</param>
    /// <param name="wholeIsMajor">Whether a number without a point is in major units.</param>
    /// <param name="minor">The amount.</param>
    /// <returns>
    /// False for anything else, for an amount that is no whole number of minor units, for one beyond 64 bits, and for
    /// major units of a currency without minor ones.
    /// </returns>
    public static bool TryParse(ReadOnlySpan<byte> text, int exponent, bool wholeIsMajor, out long minor)
    {
        minor = 0;
        text = text.Trim((byte)' ');
        var negative = text.Length > 0 && text[0] == (byte)'-';
        text = text.Length > 0 && text[0] is (byte)'-' or (byte)'+' ? text[1..] : text;
        var point = text.IndexOf((byte)'.');
        var whole = point < 0 ? text : text[..point];
        var fraction = point < 0 ? default : text[(point + 1)..];
        var isMajor = point >= 0 || wholeIsMajor;
        if (whole.IsEmpty || (point >= 0 && fraction.IsEmpty) || (isMajor && exponent < 0) || !TryAppendWhole(whole, ref minor))
        {
            return false;
        }

        // Amounts are gathered as negative numbers, which reach one further.
        if (isMajor && !TryAppendFraction(fraction, exponent, ref minor))
        {
            return false;
        }

        if (!negative && minor == long.MinValue)
        {
            return false;
        }

        minor = negative ? minor : -minor;
        return true;
    }

    private static bool TryAppendWhole(ReadOnlySpan<byte> digits, ref long value)
    {
        var firstComma = digits.IndexOf((byte)',');
        if (firstComma > 3 || firstComma == 0)
        {
            return false;
        }

        for (var i = 0; i < digits.Length; i++)
        {
            // Once there is a comma, one stands before every three digits and nowhere else.
            var commaHere = firstComma > 0 && (digits.Length - i) % 4 == 0;
            if (commaHere != (digits[i] == (byte)','))
            {
                return false;
            }

            if (!commaHere && !TryAppend(digits[i], ref value))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryAppendFraction(ReadOnlySpan<byte> digits, int exponent, ref long value)
    {
        for (var i = 0; i < Math.Max(digits.Length, exponent); i++)
        {
            var digit = i < digits.Length ? digits[i] : (byte)'0';
            if (i < exponent ? !TryAppend(digit, ref value) : digit != (byte)'0')
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryAppend(byte digit, ref long value)
    {
        if (digit is < (byte)'0' or > (byte)'9' || value < long.MinValue / Tenfold)
        {
            return false;
        }

        var shifted = value * Tenfold;
        var number = digit - (byte)'0';
        if (shifted < long.MinValue + number)
        {
            return false;
        }

        value = shifted - number;
        return true;
    }
}
