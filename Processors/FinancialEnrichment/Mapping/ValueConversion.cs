using System.Buffers.Text;
using System.Globalization;
using System.Text;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Transfers.Money;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Mapping;

/// <summary>Brings attribute values into the type a mapping asks for, exactly or not at all.</summary>
internal static class ValueConversion
{
    /// <summary>Room that <see cref="TryConvert"/> may need for a text.</summary>
    public const int ScratchBytes = 64;

    // 2^63: the first double that no long holds.
    private const double LongLimit = 9223372036854775808.0;
    private const int TimestampCharsMax = 40;

    /// <summary>Whether a value has the form already, so that nothing needs to be changed.</summary>
    public static bool IsInForm(MappedType type, in AnyValueView value) => type switch
    {
        MappedType.Text => value.Kind == AnyValueKind.Text,
        MappedType.Int or MappedType.Amount or MappedType.MajorAmount => value.Kind == AnyValueKind.Int,
        MappedType.TimestampMs => value.Kind == AnyValueKind.Int && IsMilliseconds(value.Int),
        MappedType.Double => value.Kind == AnyValueKind.Double,
        MappedType.Bool => value.Kind == AnyValueKind.Bool,
        _ => value.Kind == AnyValueKind.Text && Iso4217.TryGetExponent(value.Text, out _),
    };

    /// <summary>Converts a value.</summary>
    /// <param name="type">The type asked for.</param>
    /// <param name="value">The value; of a list, as headers are recorded, the first element counts.</param>
    /// <param name="exponent">Decimal places of the currency, for amounts; negative when not known.</param>
    /// <param name="scratch">Room for a text, at least <see cref="ScratchBytes"/>.</param>
    /// <param name="converted">The value in its new form.</param>
    /// <returns>False when the value has no such form.</returns>
    public static bool TryConvert(
        MappedType type, AnyValueView value, int exponent, Span<byte> scratch, out ConvertedValue converted)
    {
        converted = default;
        if (value.Kind == AnyValueKind.Array)
        {
            foreach (var element in value.Elements)
            {
                return element.Kind != AnyValueKind.Array && TryConvert(type, element, exponent, scratch, out converted);
            }

            return false;
        }

        if (IsInForm(type, value))
        {
            converted = new ConvertedValue(value);
            return value.Kind != AnyValueKind.Text || !value.Text.IsEmpty;
        }

        switch (type)
        {
            case MappedType.Text:
                return TryText(value, scratch, out converted);
            case MappedType.Amount or MappedType.MajorAmount:
                return TryAmount(value, exponent, type == MappedType.MajorAmount, scratch, out converted);
            case MappedType.Currency:
                return TryCurrency(value.Text, scratch, out converted);
            case MappedType.TimestampMs:
                return TryTimestamp(value, out converted);
            case MappedType.Bool:
                return TryBool(value, out converted);
            case MappedType.Double:
                return TryDouble(value, out converted);
            default:
                return TryInt(value, out converted);
        }
    }

    private static bool TryText(AnyValueView value, Span<byte> scratch, out ConvertedValue converted)
    {
        var length = 0;
        var done = value.Kind switch
        {
            AnyValueKind.Int => Utf8Formatter.TryFormat(value.Int, scratch, out length),
            AnyValueKind.Double => Utf8Formatter.TryFormat(value.Double, scratch, out length),
            AnyValueKind.Bool => Utf8Formatter.TryFormat(value.Bool, scratch, out length, 'l'),
            _ => false,
        };
        converted = done ? new ConvertedValue(scratch[..length]) : default;
        return done;
    }

    private static bool TryAmount(AnyValueView value, int exponent, bool wholeIsMajor, Span<byte> scratch, out ConvertedValue converted)
    {
        converted = default;
        var text = value.Text;
        if (value.Kind == AnyValueKind.Double)
        {
            // The shortest text that gives the same number back is what the sender wrote: 12.34, not 12.339999...
            if (!value.Double.TryFormat(scratch, out var length, default, CultureInfo.InvariantCulture))
            {
                return false;
            }

            text = scratch[..length];
            wholeIsMajor = true;
        }

        if (!MinorUnits.TryParse(text, exponent, wholeIsMajor, out var minor))
        {
            return false;
        }

        converted = new ConvertedValue(minor);
        return true;
    }

    private static bool TryCurrency(ReadOnlySpan<byte> text, Span<byte> scratch, out ConvertedValue converted)
    {
        converted = default;
        text = text.Trim((byte)' ');
        if (text.Length != 3 || Ascii.ToUpper(text, scratch, out var length) != System.Buffers.OperationStatus.Done
            || !Iso4217.TryGetExponent(scratch[..length], out _))
        {
            return false;
        }

        converted = new ConvertedValue(scratch[..length]);
        return true;
    }

    private static bool TryTimestamp(AnyValueView value, out ConvertedValue converted)
    {
        converted = default;
        var text = value.Text;
        var number = value.Int;
        if (value.Kind == AnyValueKind.Text && !TryWhole(text, out number))
        {
            Span<char> chars = stackalloc char[TimestampCharsMax];
            if (text.Length > TimestampCharsMax || !DateTimeOffset.TryParse(
                chars[..Encoding.UTF8.GetChars(text, chars)], CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
            {
                return false;
            }

            number = time.ToUnixTimeMilliseconds();
        }

        if (value.Kind is not (AnyValueKind.Text or AnyValueKind.Int))
        {
            return false;
        }

        // Nanoseconds, microseconds and seconds of the same years are a thousand times apart.
        for (var step = 0; step < 2 && number >= MillisecondsLimit; step++)
        {
            number /= 1000;
        }

        number = number is > 0 and < MillisecondsStart / 10 and >= MillisecondsStart / 1000 ? number * 1000 : number;
        converted = new ConvertedValue(number);
        return IsMilliseconds(number);
    }

    // 1990 to 2200: far enough for every bank, and disjoint from seconds and microseconds of these years.
    private const long MillisecondsStart = 631_152_000_000;
    private const long MillisecondsLimit = 7_258_118_400_000;

    /// <summary>Whether a number is a time in milliseconds: of the years 1990 to 2200.</summary>
    public static bool IsMilliseconds(long number) => number is >= MillisecondsStart and < MillisecondsLimit;

    private static bool TryBool(AnyValueView value, out ConvertedValue converted)
    {
        var isTrue = value.Kind == AnyValueKind.Int ? value.Int == 1 : Ascii.EqualsIgnoreCase(value.Text, "true"u8) || value.Text is [(byte)'1'];
        var isFalse = value.Kind == AnyValueKind.Int ? value.Int == 0 : Ascii.EqualsIgnoreCase(value.Text, "false"u8) || value.Text is [(byte)'0'];
        converted = new ConvertedValue(isTrue ? 1 : 0, AnyValueKind.Bool);
        return isTrue || isFalse;
    }

    private static bool TryDouble(AnyValueView value, out ConvertedValue converted)
    {
        double real = value.Int;
        var done = value.Kind == AnyValueKind.Int
            || double.TryParse(value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out real);
        converted = new ConvertedValue(real);
        return done;
    }

    private static bool TryInt(AnyValueView value, out ConvertedValue converted)
    {
        if (value.Kind != AnyValueKind.Double)
        {
            var done = TryWhole(value.Text, out var number);
            converted = new ConvertedValue(number);
            return done;
        }

        var real = value.Double;
        var isWhole = Math.Floor(real).Equals(real) && real is >= -LongLimit and < LongLimit;
        converted = new ConvertedValue(isWhole ? (long)real : 0L);
        return isWhole;
    }

    /// <summary>Reads a whole number.</summary>
    public static bool TryWhole(ReadOnlySpan<byte> text, out long number) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
}
