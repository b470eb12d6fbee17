using System.Text;

namespace TelemetryPipeline.Exporters.Prometheus;

/// <summary>
/// Names of metrics as Prometheus takes them, by the rules of OpenTelemetry's "Prometheus and OpenMetrics
/// Compatibility": characters that are not allowed become underscores, units are spelt out and added.
/// </summary>
internal static class MetricNames
{
    private const string Total = "total";

    private static readonly Dictionary<string, string> Units = new(StringComparer.Ordinal)
    {
        ["d"] = "days",
        ["h"] = "hours",
        ["min"] = "minutes",
        ["s"] = "seconds",
        ["ms"] = "milliseconds",
        ["us"] = "microseconds",
        ["ns"] = "nanoseconds",
        ["By"] = "bytes",
        ["KiBy"] = "kibibytes",
        ["MiBy"] = "mebibytes",
        ["GiBy"] = "gibibytes",
        ["TiBy"] = "tibibytes",
        ["KBy"] = "kilobytes",
        ["MBy"] = "megabytes",
        ["GBy"] = "gigabytes",
        ["TBy"] = "terabytes",
        ["m"] = "meters",
        ["V"] = "volts",
        ["A"] = "amperes",
        ["J"] = "joules",
        ["W"] = "watts",
        ["g"] = "grams",
        ["Cel"] = "celsius",
        ["Hz"] = "hertz",
        ["%"] = "percent",
    };

    private static readonly Dictionary<string, string> PerUnits = new(StringComparer.Ordinal)
    {
        ["s"] = "second",
        ["m"] = "minute",
        ["h"] = "hour",
        ["d"] = "day",
        ["w"] = "week",
        ["mo"] = "month",
        ["y"] = "year",
    };

    /// <summary>The name of a metric, without what a namespace adds.</summary>
    /// <param name="name">The name in OTLP.</param>
    /// <param name="unit">The unit in OTLP.</param>
    /// <param name="isCounter">Whether it only grows.</param>
    /// <param name="isGauge">Whether it is a gauge, whose unit 1 is a ratio.</param>
    /// <param name="addSuffixes">Whether unit and <c>_total</c> are added.</param>
    public static string Metric(string name, string unit, bool isCounter, bool isGauge, bool addSuffixes)
    {
        if (!addSuffixes)
        {
            return Escape(name);
        }

        var words = Words(name);
        AddUnit(words, unit, isGauge);
        if (isCounter)
        {
            words.RemoveAll(static word => word == Total);
            words.Add(Total);
        }

        var joined = string.Join('_', words);
        return joined.Length == 0 || char.IsAsciiDigit(joined[0]) ? "_" + joined : joined;
    }

    /// <summary>A name with every character that is not allowed replaced.</summary>
    /// <param name="name">The name.</param>
    public static string Escape(string name)
    {
        var escaped = new StringBuilder(name.Length + 1);
        foreach (var c in name)
        {
            escaped.Append(char.IsAsciiLetterOrDigit(c) || c is '_' or ':' ? c : '_');
        }

        if (escaped.Length == 0 || char.IsAsciiDigit(escaped[0]))
        {
            escaped.Insert(0, '_');
        }

        return escaped.ToString();
    }

    private static List<string> Words(string name)
    {
        var words = new List<string>();
        var start = 0;
        for (var i = 0; i <= name.Length; i++)
        {
            if (i == name.Length || !(char.IsAsciiLetterOrDigit(name[i]) || name[i] == ':'))
            {
                if (i > start)
                {
                    words.Add(name[start..i]);
                }

                start = i + 1;
            }
        }

        return words;
    }

    // "By/s" is bytes_per_second; annotations in braces say what is counted and are no unit.
    private static void AddUnit(List<string> words, string unit, bool isGauge)
    {
        if (unit == "1")
        {
            if (isGauge && !words.Contains("ratio"))
            {
                words.Add("ratio");
            }

            return;
        }

        var slash = unit.IndexOf('/', StringComparison.Ordinal);
        var main = (slash < 0 ? unit : unit[..slash]).Trim();
        var per = slash < 0 ? "" : unit[(slash + 1)..].Trim();
        if (main.Length > 0 && !main.Contains('{', StringComparison.Ordinal))
        {
            AddWord(words, Units.GetValueOrDefault(main, main));
        }

        if (per.Length > 0 && !per.Contains('{', StringComparison.Ordinal))
        {
            words.Add("per");
            AddWord(words, PerUnits.GetValueOrDefault(per, per));
        }
    }

    private static void AddWord(List<string> words, string text)
    {
        foreach (var word in Words(text))
        {
            if (!words.Contains(word))
            {
                words.Add(word);
            }
        }
    }
}
