using System.Collections.Concurrent;
using System.Text;

namespace TelemetryPipeline.Pipeline.Diagnostics;

/// <summary>What a metric is.</summary>
public enum MetricKind : byte
{
    /// <summary>Only grows.</summary>
    Counter,

    /// <summary>Goes up and down.</summary>
    Gauge,

    /// <summary>A distribution.</summary>
    Histogram,
}

/// <summary>All series of one metric name.</summary>
public sealed class MetricFamily
{
    private readonly ConcurrentDictionary<string, object> _series = new(StringComparer.Ordinal);

    internal MetricFamily(string name, string help, MetricKind kind)
    {
        Name = name;
        Help = help;
        Kind = kind;
    }

    /// <summary>The metric's name.</summary>
    public string Name { get; }

    /// <summary>What it tells.</summary>
    public string Help { get; }

    /// <summary>What it is.</summary>
    public MetricKind Kind { get; }

    /// <summary>
    /// Series by their labels in exposition form (<c>receiver="otlp",transport="grpc"</c>, escaped, empty without
    /// labels). Values are <see cref="Counter"/>, <see cref="Gauge"/> or <see cref="Histogram"/>.
    /// </summary>
    public IEnumerable<KeyValuePair<string, object>> Series => _series;

    internal T GetOrAdd<T>(ReadOnlySpan<(string Name, string Value)> labels, Func<T> create)
        where T : class
    {
        var text = new StringBuilder();
        foreach (var (name, value) in labels)
        {
            text.Append(text.Length == 0 ? "" : ",").Append(name).Append("=\"");
            text.Append(value.Replace("\\", "\\\\", StringComparison.Ordinal)
                .Replace("\"", "\\\"", StringComparison.Ordinal)
                .Replace("\n", "\\n", StringComparison.Ordinal)).Append('"');
        }

        return (T)_series.GetOrAdd(text.ToString(), static (_, make) => make(), create);
    }
}
