namespace TelemetryPipeline.Exporters.Prometheus;

/// <summary>
/// The names of all samples on the page, so that no two families can write samples of one name: a histogram <c>h</c> writes
/// <c>h_count</c>, and a gauge <c>h_count</c> beside it would be a second one.
/// </summary>
/// <param name="isOpenMetrics">
/// Whether the page is also written in OpenMetrics, where a counter's family is called <c>x</c> and its sample
/// <c>x_total</c>, and <c>_created</c> belongs to counters, histograms and summaries. Not thread-safe.
/// </param>
internal sealed class SampleNames(bool isOpenMetrics)
{
    private const string TotalSuffix = "_total";

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>Names in use.</summary>
    public int Count => _names.Count;

    /// <summary>Reserves the names of a family.</summary>
    /// <param name="family">The family.</param>
    /// <returns>False where one of them belongs to another family; then none is reserved.</returns>
    public bool TryReserve(SampleFamily family)
    {
        var names = NamesOf(family);
        if (_names.Overlaps(names))
        {
            return false;
        }

        _names.UnionWith(names);
        return true;
    }

    /// <summary>Frees the names of a family.</summary>
    /// <param name="family">The family, reserved before.</param>
    public void Release(SampleFamily family) => _names.ExceptWith(NamesOf(family));

    // Distinct within a family, since Overlaps asks about other families only.
    private HashSet<string> NamesOf(SampleFamily family)
    {
        var name = family.Name;
        var names = new HashSet<string>(StringComparer.Ordinal) { name };
        switch (family.Kind)
        {
            case SampleKind.Histogram:
                names.UnionWith([name + "_bucket", name + "_sum", name + "_count"]);
                break;
            case SampleKind.Summary:
                names.UnionWith([name + "_sum", name + "_count"]);
                break;
            default:
                break;
        }

        if (isOpenMetrics && family.Kind != SampleKind.Gauge)
        {
            var stem = family.Kind == SampleKind.Counter && name.EndsWith(TotalSuffix, StringComparison.Ordinal)
                ? name[..^TotalSuffix.Length]
                : name;
            names.UnionWith([stem, stem + "_created"]);
            if (family.Kind == SampleKind.Counter)
            {
                names.Add(stem + TotalSuffix);
            }
        }

        return names;
    }
}
