using System.Text;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Exporters.Prometheus;

/// <summary>What was received, as Prometheus will see it: a bounded number of series, each until it expires.</summary>
/// <remarks>Thread-safe by one lock, taken for each batch and each scrape.</remarks>
/// <param name="config">The settings.</param>
/// <param name="time">The clock.</param>
internal sealed class SampleStore(PrometheusConfig config, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, SampleFamily> _families = new(StringComparer.Ordinal);
    private readonly LabelText _labels = new();
    private readonly LabelText _targetLabels = new();
    private int _seriesCount;

    /// <summary>Series shown now.</summary>
    public int SeriesCount
    {
        get
        {
            lock (_lock)
            {
                return _seriesCount;
            }
        }
    }

    /// <summary>Takes in a batch.</summary>
    /// <param name="batch">Metrics.</param>
    /// <param name="dropped">Gets the reason of each point that is not shown.</param>
    /// <returns>Points that are.</returns>
    public int Take(OtlpBatch batch, Action<DropReason> dropped)
    {
        var taken = 0;
        lock (_lock)
        {
            for (var i = 0; i < batch.ViewCount; i++)
            {
                taken += Take(batch.View(i), dropped);
            }
        }

        return taken;
    }

    /// <summary>Shows every series that has not expired to a writer.</summary>
    public void Write(Action<SampleFamily> write)
    {
        lock (_lock)
        {
            Expire();
            foreach (var family in _families.Values)
            {
                write(family);
            }
        }
    }

    private int Take(OtlpView view, Action<DropReason> dropped)
    {
        var taken = 0;
        var metric = -1;
        var resource = default(ResourceLabels);
        SampleFamily? family = null;
        foreach (var node in view.ItemNodes)
        {
            if (view.IsDropped(node))
            {
                continue;
            }

            if (resource is null || resource.Node != view.ResourceOf(node))
            {
                resource = ResourceLabels.Read(view, view.ResourceOf(node), config.ResourceLabels);
                TakeTarget(resource);
            }

            if (view.MetricOf(node) != metric)
            {
                metric = view.MetricOf(node);
                family = FamilyOf(view, metric);
            }

            var reason = TakePoint(view, node, metric, family, resource);
            if (reason == DropReason.None)
            {
                taken++;
            }
            else
            {
                dropped(reason);
            }
        }

        return taken;
    }

    private DropReason TakePoint(OtlpView view, int node, int metric, SampleFamily? family, ResourceLabels resource)
    {
        if (family is null)
        {
            return DropReason.TypeConflict;
        }

        var point = view.Point(node);
        var type = view.TypeOfMetric(metric);
        var temporality = view.Temporality(metric);
        if ((type is MetricType.Gauge or MetricType.Sum && !point.HasValue && point.HasRecordedValue)
            || (type is not (MetricType.Gauge or MetricType.Summary) && temporality == MetricTemporality.Unspecified))
        {
            return DropReason.NoValue;
        }

        var labels = LabelsOf(view, node, resource);
        var lookup = family.Series.GetAlternateLookup<ReadOnlySpan<char>>();
        var isKnown = lookup.TryGetValue(labels, out var series);
        if (!point.HasRecordedValue)
        {
            _seriesCount -= lookup.Remove(labels) ? 1 : 0;
            return DropReason.None;
        }

        if (!isKnown)
        {
            if (_seriesCount >= config.SeriesLimit)
            {
                return DropReason.SeriesLimit;
            }

            _seriesCount++;
            lookup[labels] = series = new SeriesState();
        }

        if (!series!.TryTake(point, type, temporality == MetricTemporality.Delta, config.EnableOpenMetrics))
        {
            return DropReason.OutOfOrder;
        }

        series.UpdatedTicks = time.GetUtcNow().UtcTicks;
        return DropReason.None;
    }

    private SampleFamily? FamilyOf(OtlpView view, int metric)
    {
        var type = view.TypeOfMetric(metric);
        var kind = type switch
        {
            MetricType.Sum when view.IsMonotonic(metric) => SampleKind.Counter,
            MetricType.Histogram or MetricType.ExponentialHistogram => SampleKind.Histogram,
            MetricType.Summary => SampleKind.Summary,
            _ => SampleKind.Gauge,
        };
        var name = MetricNames.Metric(
            Encoding.UTF8.GetString(view.Name(metric)),
            Encoding.UTF8.GetString(view.MetricUnit(metric)),
            kind == SampleKind.Counter,
            type == MetricType.Gauge,
            config.AddSuffixes);
        if (config.Namespace.Length > 0)
        {
            name = MetricNames.Escape(config.Namespace, isLabel: false) + "_" + name;
        }

        return Family(name, kind, Encoding.UTF8.GetString(view.MetricDescription(metric)));
    }

    // The first type of a name stays: Prometheus refuses a page on which a name has two.
    private SampleFamily? Family(string name, SampleKind kind, string help)
    {
        if (!_families.TryGetValue(name, out var family))
        {
            _families[name] = family = new SampleFamily(name, kind, help);
        }

        return family.Kind == kind ? family : null;
    }

    private ReadOnlySpan<char> LabelsOf(OtlpView view, int node, ResourceLabels resource)
    {
        _labels.Clear();
        foreach (var attribute in view.Attributes(node))
        {
            resource.AddValue(_labels, attribute);
        }

        resource.AddTo(_labels);
        foreach (var (name, value) in config.ConstLabels)
        {
            _labels.Add(MetricNames.Escape(name, isLabel: true), value);
        }

        var scope = view.ScopeOf(node);
        if (config.HasScopeInfo && scope >= 0)
        {
            AddScope("otel_scope_name"u8, view.Name(scope));
            AddScope("otel_scope_version"u8, view.ScopeVersion(scope));
        }

        return _labels.Compose();
    }

    private void AddScope(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty)
        {
            _labels.Add(name, value);
        }
    }

    // target_info: what is known of a job's instance, for joins.
    private void TakeTarget(ResourceLabels resource)
    {
        if (!resource.HasTarget || Family("target_info", SampleKind.Gauge, "Target metadata") is not { } family)
        {
            return;
        }

        _targetLabels.Clear();
        resource.AddTarget(_targetLabels);
        var lookup = family.Series.GetAlternateLookup<ReadOnlySpan<char>>();
        var labels = _targetLabels.Compose();
        if (!lookup.TryGetValue(labels, out var series))
        {
            if (_seriesCount >= config.SeriesLimit)
            {
                return;
            }

            _seriesCount++;
            lookup[labels] = series = SeriesState.One();
        }

        series.UpdatedTicks = time.GetUtcNow().UtcTicks;
    }

    private void Expire()
    {
        var oldest = time.GetUtcNow().UtcTicks - config.MetricExpiration.Ticks;
        List<string>? empty = null;
        foreach (var family in _families.Values)
        {
            foreach (var (labels, series) in family.Series)
            {
                if (series.UpdatedTicks < oldest)
                {
                    family.Series.Remove(labels);
                    _seriesCount--;
                }
            }

            if (family.Series.Count == 0)
            {
                (empty ??= []).Add(family.Name);
            }
        }

        foreach (var name in empty ?? [])
        {
            _families.Remove(name);
        }
    }
}
