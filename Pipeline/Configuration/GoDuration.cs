using System.Buffers;
using System.Globalization;
using System.Text;

namespace TelemetryPipeline.Pipeline.Configuration;

/// <summary>Durations as Go writes them (<c>time.ParseDuration</c>), which is how every collector configuration does.</summary>
public static class GoDuration
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    private static readonly (string Unit, decimal Ticks)[] Units =
    [
        ("ns", 0.01m), ("us", 10m), ("µs", 10m), ("μs", 10m), ("ms", 10_000m),
        ("s", 10_000_000m), ("m", 600_000_000m), ("h", 36_000_000_000m),
    ];

    /// <summary>Reads a duration; a bare whole number is nanoseconds. Parts below 100 ns are rounded towards zero.</summary>
    /// <param name="text">For example <c>1h2m3.5s</c>, <c>-200ms</c>, <c>0</c>.</param>
    /// <param name="value">The duration.</param>
    public static bool TryParse(string text, out TimeSpan value)
    {
        value = default;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var ns))
        {
            value = TimeSpan.FromTicks(ns / 100);
            return true;
        }

        var rest = text.AsSpan();
        var negative = rest.StartsWith("-");
        if (negative || rest.StartsWith("+"))
        {
            rest = rest[1..];
        }

        if (rest.IsEmpty)
        {
            return false;
        }

        var ticks = 0m;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(NumberCharacters);
            if (digits <= 0
                || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }

            rest = rest[digits..];
            var end = rest.IndexOfAny(NumberCharacters);
            var unit = end < 0 ? rest : rest[..end];
            if (!TryUnit(unit, out var ticksPerUnit) || number > long.MaxValue / 100)
            {
                return false;
            }

            ticks += number * ticksPerUnit;
            if (ticks > TimeSpan.MaxValue.Ticks)
            {
                return false;
            }

            rest = rest[unit.Length..];
        }

        value = TimeSpan.FromTicks((long)(negative ? -ticks : ticks));
        return true;
    }

    /// <summary>Writes a duration in the same form.</summary>
    /// <param name="value">The duration.</param>
    public static string Format(TimeSpan value)
    {
        if (value == TimeSpan.Zero)
        {
            return "0s";
        }

        var text = new StringBuilder(value < TimeSpan.Zero ? "-" : "");
        var ticks = Math.Abs((decimal)value.Ticks);
        if (ticks < TimeSpan.TicksPerSecond)
        {
            var (unit, size) = ticks >= TimeSpan.TicksPerMillisecond ? ("ms", 10_000m) : ticks >= 10 ? ("us", 10m) : ("ns", 0.01m);
            return text.Append((ticks / size).ToString("0.####", CultureInfo.InvariantCulture)).Append(unit).ToString();
        }

        var hours = decimal.Floor(ticks / TimeSpan.TicksPerHour);
        ticks -= hours * TimeSpan.TicksPerHour;
        var minutes = decimal.Floor(ticks / TimeSpan.TicksPerMinute);
        ticks -= minutes * TimeSpan.TicksPerMinute;
        if (hours > 0)
        {
            text.Append(hours.ToString(CultureInfo.InvariantCulture)).Append('h');
        }

        if (minutes > 0)
        {
            text.Append(minutes.ToString(CultureInfo.InvariantCulture)).Append('m');
        }

        if (ticks > 0)
        {
            text.Append((ticks / TimeSpan.TicksPerSecond).ToString("0.#######", CultureInfo.InvariantCulture)).Append('s');
        }

        return text.ToString();
    }

    private static bool TryUnit(ReadOnlySpan<char> text, out decimal ticks)
    {
        foreach (var (unit, size) in Units)
        {
            if (text.SequenceEqual(unit))
            {
                ticks = size;
                return true;
            }
        }

        ticks = 0;
        return false;
    }
}
