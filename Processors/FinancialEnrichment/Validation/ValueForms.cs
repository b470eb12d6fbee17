using TelemetryPipeline.Otlp;
using TelemetryPipeline.Processors.FinancialEnrichment.Mapping;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Validation;

/// <summary>Checks a value's form.</summary>
/// <param name="value">The value.</param>
internal delegate bool ValueForm(in AnyValueView value);

/// <summary>The forms that are known by name.</summary>
internal static class ValueForms
{
    private const int OrderNoLength = 20;
    private const int ReserveAccountLength = 25;

    /// <summary>Names and forms.</summary>
    public static IReadOnlyDictionary<string, ValueForm> ByName { get; } = new Dictionary<string, ValueForm>(StringComparer.Ordinal)
    {
        ["order_no"] = static (in value) => IsOrderNo(value.Text),
        ["reserve_account"] = static (in value) => IsReserveAccount(value.Text),
        ["currency"] = static (in value) => ValueConversion.IsInForm(MappedType.Currency, value),
        ["timestamp_ms"] = static (in value) => ValueConversion.IsInForm(MappedType.TimestampMs, value),
        ["amount"] = static (in value) => value.Kind == AnyValueKind.Int,
    };

    /// <summary>Whether a text is three capital letters, a date and nine digits: <c>TRD20240521000004567</c>.</summary>
    public static bool IsOrderNo(ReadOnlySpan<byte> text) => text.Length == OrderNoLength
        && !text[..3].ContainsAnyExceptInRange((byte)'A', (byte)'Z') && IsDate(text.Slice(3, 8)) && AreDigits(text[11..]);

    /// <summary>Whether a text is <c>PBOC-XXXXX-YYYYMMDD-NNNNN</c>: institution, date, sequence.</summary>
    public static bool IsReserveAccount(ReadOnlySpan<byte> text) => text.Length == ReserveAccountLength
        && text.StartsWith("PBOC-"u8) && text[10] == (byte)'-' && text[19] == (byte)'-'
        && AreAlphanumeric(text.Slice(5, 5)) && IsDate(text.Slice(11, 8)) && AreDigits(text[20..]);

    private static bool IsDate(ReadOnlySpan<byte> digits)
    {
        if (!AreDigits(digits))
        {
            return false;
        }

        var year = Number(digits[..4]);
        var month = Number(digits.Slice(4, 2));
        var day = Number(digits[6..]);
        return year is >= 1900 and <= 2199 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month);
    }

    private static bool AreDigits(ReadOnlySpan<byte> text) => !text.ContainsAnyExceptInRange((byte)'0', (byte)'9');

    private static bool AreAlphanumeric(ReadOnlySpan<byte> text)
    {
        foreach (var b in text)
        {
            if (!char.IsAsciiLetterUpper((char)b) && !char.IsAsciiDigit((char)b))
            {
                return false;
            }
        }

        return true;
    }

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
