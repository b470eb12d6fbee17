using System.Collections.Concurrent;

namespace TelemetryPipeline.Pipeline.Diagnostics;

/// <summary>The process's own metrics, as the <c>/metrics</c> page shows them.</summary>
/// <remarks>
/// Thread-safe. Asking for an instrument again with the same name and labels gives the same one, so that a component
/// rebuilt by a reload goes on counting where it stopped. Names are whole Prometheus names without a suffix for type
/// or unit, for example <c>otelcol_receiver_accepted_spans</c>.
/// </remarks>
public sealed class MetricRegistry
{
    private readonly ConcurrentDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);

    /// <summary>All families, by name.</summary>
    public IEnumerable<MetricFamily> Families => _families.Values;

    /// <summary>A number that only grows.</summary>
    /// <param name="name">The metric.</param>
    /// <param name="help">What it counts.</param>
    /// <param name="labels">Label names and values, in the order they are shown.</param>
    public Counter Counter(string name, string help, params ReadOnlySpan<(string Name, string Value)> labels) =>
        Family(name, help, MetricKind.Counter).GetOrAdd(labels, static () => new Counter());

    /// <summary>A number that goes up and down.</summary>
    /// <param name="name">The metric.</param>
    /// <param name="help">What it tells.</param>
    /// <param name="read">Reads the value when the page is asked for; replaces the reader of an earlier call.</param>
    /// <param name="labels">Label names and values, in the order they are shown.</param>
    public Gauge Gauge(string name, string help, Func<double> read, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        var gauge = Family(name, help, MetricKind.Gauge).GetOrAdd(labels, static () => new Gauge());
        gauge.Read = read;
        return gauge;
    }

    /// <summary>A counter that somebody else keeps, for example the process's CPU time.</summary>
    /// <param name="name">The metric.</param>
    /// <param name="help">What it counts.</param>
    /// <param name="read">Reads the value when the page is asked for.</param>
    /// <param name="labels">Label names and values, in the order they are shown.</param>
    public Gauge ObservedCounter(string name, string help, Func<double> read, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        var gauge = Family(name, help, MetricKind.Counter).GetOrAdd(labels, static () => new Gauge());
        gauge.Read = read;
        return gauge;
    }

    /// <summary>A distribution over fixed buckets.</summary>
    /// <param name="name">The metric.</param>
    /// <param name="help">What is measured, with its unit.</param>
    /// <param name="bounds">Upper bounds of the buckets, ascending; the last bucket has none.</param>
    /// <param name="labels">Label names and values, in the order they are shown.</param>
    public Histogram Histogram(string name, string help, double[] bounds, params ReadOnlySpan<(string Name, string Value)> labels) =>
        Family(name, help, MetricKind.Histogram).GetOrAdd(labels, () => new Histogram(bounds));

    private MetricFamily Family(string name, string help, MetricKind kind)
    {
        var family = _families.GetOrAdd(name, static (n, a) => new MetricFamily(n, a.help, a.kind), (help, kind));
        return family.Kind == kind
            ? family
            : throw new InvalidOperationException($"metric {name} is a {family.Kind}, asked for as {kind}");
    }
}
