using System.Globalization;

namespace TelemetryPipeline.Exporters.DebugOutput;

/// <summary>
/// Numbers as the Collector prints them (Go's <c>%v</c>): the fewest digits that read back, in full from 1e-4 to below
/// 1e21 and with an exponent of at least two digits elsewhere.
/// </summary>
internal static class ShortestNumber
{
    private const int ExponentMin = -4;
    private const int ExponentLimit = 21;

    /// <summary>Writes a finite number.</summary>
    /// <param name="number">The number.</param>
    public static string Format(double number)
    {
        var text = number.ToString("E16", CultureInfo.InvariantCulture);
        var exponent = int.Parse(text.AsSpan(text.IndexOf('E') + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var digits = Digits(number);
        var sign = double.IsNegative(number) ? "-" : "";
        if (number == 0)
        {
            return sign + "0";
        }

        if (exponent is < ExponentMin or >= ExponentLimit)
        {
            var mantissa = digits.Length == 1 ? digits : $"{digits[0]}.{digits[1..]}";
            return string.Create(
                CultureInfo.InvariantCulture, $"{sign}{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
        }

        if (exponent < 0)
        {
            return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        }

        return digits.Length <= exponent + 1
            ? sign + digits.PadRight(exponent + 1, '0')
            : $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }

    // The significant digits of the shortest form, without sign, point, exponent and zeros around them.
    private static string Digits(double number)
    {
        var text = Math.Abs(number).ToString("R", CultureInfo.InvariantCulture);
        var end = text.IndexOf('E');
        return (end < 0 ? text : text[..end]).Replace(".", "", StringComparison.Ordinal).Trim('0');
    }
}
