using System.Text;

namespace TelemetryPipeline.Heatmap.Histograms;

/// <summary>Which histograms are latencies.</summary>
internal sealed class HistogramSelection
{
    /// <summary>Every histogram whose unit is a time.</summary>
    public const string All = "*";

    private readonly byte[][] _names;
    private readonly bool _all;

    /// <summary>A selection by name.</summary>
    /// <param name="names">Names of metrics; <see cref="All"/> takes every one whose unit is a time.</param>
    public HistogramSelection(IReadOnlyList<string> names)
    {
        _names = [.. EncodedNames(names)];
        foreach (var name in names)
        {
            _all |= name == All;
        }
    }

    /// <summary>Nanoseconds in a unit, in UCUM's notation; 0 for one that is not a time.</summary>
    public static double UnitNs(ReadOnlySpan<byte> unit) => unit switch
    {
        [(byte)'s'] => 1e9,
        [(byte)'m', (byte)'s'] => 1e6,
        [(byte)'u', (byte)'s'] => 1e3,
        [(byte)'n', (byte)'s'] => 1,
        _ => 0,
    };

    /// <summary>Whether a metric is taken in.</summary>
    public bool Takes(ReadOnlySpan<byte> name, ReadOnlySpan<byte> unit)
    {
        if (_all)
        {
            return UnitNs(unit) > 0;
        }

        foreach (var taken in _names)
        {
            if (name.SequenceEqual(taken))
            {
                return true;
            }
        }

        return false;
    }

    private static IEnumerable<byte[]> EncodedNames(IReadOnlyList<string> names)
    {
        foreach (var name in names)
        {
            yield return Encoding.UTF8.GetBytes(name);
        }
    }
}
