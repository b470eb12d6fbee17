using System.Linq;
using System.Text;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Exporters.Prometheus;

/// <summary>What was received, as Prometheus will see it: a bounded number of series, each until it expires.</summary>
/// <remarks>Thread-safe by one lock, taken for each batch and each scrape.</remarks>
/// <param name="config">The settings.</param>
/// <param name="time">The clock.</param>
internal sealed class SampleStore(PrometheusConfig config, TimeProvider time)
{
    /// <summary>The metric that describes each target; no received metric may have its name.</summary>
    public const string TargetInfo = "target_info";

    private readonly Lock _lock = new();
    private readonly SampleNames _names = new(config.EnableOpenMetrics);
    private readonly (byte[] Name, byte[] Value)[] _constLabels =
        [.. config.ConstLabels.Select(static label => (Encoding.UTF8.GetBytes(label.Key), Encoding.UTF8.GetBytes(label.Value)))];

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
        var origin = "";
        var family = default(SampleFamily)!;
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
                origin = Encoding.UTF8.GetString(view.Name(metric));
                family = FamilyOf(view, metric, origin);
            }

            var reason = TakePoint(view, node, family, origin, resource);
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

    private DropReason TakePoint(OtlpView view, int node, SampleFamily family, string origin, ResourceLabels resource)
    {
        var metric = view.MetricOf(node);
        var point = view.Point(node);
        var type = view.TypeOfMetric(metric);
        var temporality = view.Temporality(metric);
        if ((type is MetricType.Gauge or MetricType.Sum && !point.HasValue && point.HasRecordedValue)
            || (type is not (MetricType.Gauge or MetricType.Summary) && temporality == MetricTemporality.Unspecified))
        {
            return DropReason.NoValue;
        }

        if (_families.TryGetValue(family.Name, out var known))
        {
            if (known.Kind != family.Kind)
            {
                return DropReason.TypeConflict;
            }

            family = known;
        }

        var labels = LabelsOf(view, node, resource);
        if (family.Name == TargetInfo)
        {
            return DropReason.NameConflict;
        }

        var lookup = family.Series.GetAlternateLookup<ReadOnlySpan<char>>();
        var isKnown = lookup.TryGetValue(labels, out var series);
        if (isKnown && series!.Origin != origin)
        {
            return DropReason.NameConflict;
        }

        if (!point.HasRecordedValue)
        {
            Remove(family, isKnown, labels);
            return DropReason.None;
        }

        if (!isKnown)
        {
            series = new SeriesState { Origin = origin };
            if (Add(family, labels, series) is var reason and not DropReason.None)
            {
                return reason;
            }
        }

        if (!series!.TryTake(point, type, temporality == MetricTemporality.Delta, config.EnableOpenMetrics))
        {
            return DropReason.OutOfOrder;
        }

        series.UpdatedTicks = time.GetUtcNow().UtcTicks;
        return DropReason.None;
    }

    // A family is on the page while it has series, and only then are its names reserved.
    private DropReason Add(SampleFamily family, ReadOnlySpan<char> labels, SeriesState series)
    {
        if (_seriesCount >= config.SeriesLimit)
        {
            return DropReason.SeriesLimit;
        }

        if (family.Series.Count == 0)
        {
            if (!_names.TryReserve(family))
            {
                return DropReason.NameConflict;
            }

            _families.Add(family.Name, family);
        }

        _seriesCount++;
        family.Series.GetAlternateLookup<ReadOnlySpan<char>>()[labels] = series;
        return DropReason.None;
    }

    private void Remove(SampleFamily family, bool isKnown, ReadOnlySpan<char> labels)
    {
        if (isKnown && family.Series.GetAlternateLookup<ReadOnlySpan<char>>().Remove(labels))
        {
            _seriesCount--;
            RemoveIfEmpty(family);
        }
    }

    private void RemoveIfEmpty(SampleFamily family)
    {
        if (family.Series.Count == 0)
        {
            _families.Remove(family.Name);
            _names.Release(family);
        }
    }

    // Not on the page yet; the one that is there may be used instead.
    private SampleFamily FamilyOf(OtlpView view, int metric, string origin)
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
            origin,
            Encoding.UTF8.GetString(view.MetricUnit(metric)),
            kind == SampleKind.Counter,
            type == MetricType.Gauge,
            config.AddSuffixes);
        if (config.Namespace.Length > 0)
        {
            name = MetricNames.Escape(config.Namespace) + "_" + name;
        }

        return new SampleFamily(name, kind, Encoding.UTF8.GetString(view.MetricDescription(metric)));
    }

    private ReadOnlySpan<char> LabelsOf(OtlpView view, int node, ResourceLabels resource)
    {
        _labels.Clear();
        foreach (var attribute in view.Attributes(node))
        {
            resource.AddValue(_labels, attribute);
        }

        resource.AddTo(_labels);
        foreach (var (name, value) in _constLabels)
        {
            _labels.Add(LabelSource.Setting, name, value);
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
            _labels.Add(LabelSource.Scope, name, value);
        }
    }

    // target_info: what is known of a job's instance, for joins, which need one series of each target. What is said of a
    // target later replaces what was said before.
    private void TakeTarget(ResourceLabels resource)
    {
        if (!resource.HasTarget)
        {
            return;
        }

        if (!_families.TryGetValue(TargetInfo, out var family))
        {
            family = new SampleFamily(TargetInfo, SampleKind.Gauge, "Target metadata");
        }

        _labels.Clear();
        resource.AddIdentity(_labels);
        var identity = _labels.Compose();
        if (!family.Series.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(identity, out var series))
        {
            series = SeriesState.One(TargetInfo);
            if (Add(family, identity, series) != DropReason.None)
            {
                return;
            }
        }

        _targetLabels.Clear();
        resource.AddTarget(_targetLabels);
        var labels = _targetLabels.Compose();
        if (series.Labels is null || !labels.SequenceEqual(series.Labels))
        {
            series.Labels = labels.ToString();
        }

        series.UpdatedTicks = time.GetUtcNow().UtcTicks;
    }

    private void Expire()
    {
        var oldest = time.GetUtcNow().UtcTicks - config.MetricExpiration.Ticks;
        foreach (var family in _families.Values.ToArray())
        {
            foreach (var (labels, series) in family.Series)
            {
                if (series.UpdatedTicks < oldest)
                {
                    family.Series.Remove(labels);
                    _seriesCount--;
                }
            }

            RemoveIfEmpty(family);
        }
    }
}
