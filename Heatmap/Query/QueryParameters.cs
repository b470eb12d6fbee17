using System.Globalization;

namespace TelemetryPipeline.Heatmap.Query;

/// <summary>Reads the parameters of a request; the first problem is kept and says what is allowed.</summary>
/// <param name="values">The query's names and values.</param>
internal sealed class QueryParameters(IReadOnlyDictionary<string, string> values)
{
    private const int ShownMax = 60;

    /// <summary>The first problem; null while there is none.</summary>
    public string? Problem { get; private set; }

    /// <summary>A whole number.</summary>
    public long Number(string name, long defaultValue, long min, long max)
    {
        if (!values.TryGetValue(name, out var text))
        {
            return defaultValue;
        }

        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max)
        {
            return value;
        }

        Fail(name, string.Create(CultureInfo.InvariantCulture, $"a whole number from {min} to {max}"), text);
        return defaultValue;
    }

    /// <summary>True, false, or null where it is not given.</summary>
    public bool? Flag(string name)
    {
        if (!values.TryGetValue(name, out var text))
        {
            return null;
        }

        if (text is not ("true" or "false"))
        {
            Fail(name, "true or false", text);
        }

        return text == "true";
    }

    /// <summary>Numbers of series in use; every one where it is not given or <c>all</c>.</summary>
    public IReadOnlyList<int> Series(LatencyGrid grid)
    {
        var series = new List<int>();
        if (!values.TryGetValue("series", out var text) || text == "all")
        {
            for (var i = 0; i < grid.SeriesCount; i++)
            {
                if (i == LatencyGrid.OverflowSeries || grid.KeyOf(i) is not null)
                {
                    series.Add(i);
                }
            }

            return series;
        }

        foreach (var range in text.AsSpan().Split(','))
        {
            if (!int.TryParse(text.AsSpan(range), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                || id >= grid.SeriesCount || (id != LatencyGrid.OverflowSeries && grid.KeyOf(id) is null))
            {
                Fail("series", "all, or ids of /api/heatmap/series separated by commas", text);
                break;
            }

            if (!series.Contains(id))
            {
                series.Add(id);
            }
        }

        return series;
    }

    /// <summary>Takes note of a problem with a parameter.</summary>
    public void Fail(string name, string allowed, string got) =>
        Problem ??= $"{name} must be {allowed}, got \"{(got.Length > ShownMax ? got[..ShownMax] : got)}\"";

    /// <summary>Refuses parameters that nobody reads.</summary>
    public void Finish(params ReadOnlySpan<string> known)
    {
        foreach (var name in values.Keys)
        {
            if (known.IndexOf(name) < 0)
            {
                Problem ??= $"unknown parameter \"{(name.Length > ShownMax ? name[..ShownMax] : name)}\"; there are {(known.IsEmpty ? "none" : string.Join(", ", known!))}";
            }
        }
    }
}
