using System.IO.Hashing;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Heatmap.Histograms;

/// <summary>Counts the histograms of batches in the grid.</summary>
/// <remarks>Thread-safe by a lock for each batch: points are rare beside spans.</remarks>
internal sealed class HistogramIntake(
    LatencyGrid grid, SeriesKeys series, HistogramSelection selection, CumulativeStreams streams, HeatmapMetrics metrics)
{
    private readonly Lock _lock = new();
    private readonly SourceHistogram _source = new();
    private readonly DenseColumn _column = new();

    public void Record(OtlpBatch batch)
    {
        Span<byte> scratch = stackalloc byte[SeriesKeyReader.ScratchSizeBytes];
        lock (_lock)
        {
            var keys = new SeriesKeyReader(series, scratch);
            for (var i = 0; i < batch.ViewCount; i++)
            {
                keys.Reset();
                Record(batch.View(i), ref keys);
            }
        }
    }

    /// <summary>Forgets streams and series that have not sent for an hour.</summary>
    /// <remarks>Under the lock: a series' number that a point has just got must not go to another one.</remarks>
    public void ForgetIdle(long nowSecond)
    {
        lock (_lock)
        {
            streams.ForgetIdle(nowSecond);
            grid.RetireIdle();
        }
    }

    private void Record(OtlpView view, ref SeriesKeyReader keys)
    {
        var metric = -1;
        var isSelected = false;
        foreach (var point in view.ItemNodes)
        {
            if (view.IsDropped(point))
            {
                continue;
            }

            if (view.MetricOf(point) != metric)
            {
                metric = view.MetricOf(point);
                isSelected = view.TypeOfMetric(metric) is MetricType.Histogram or MetricType.ExponentialHistogram
                    && selection.Takes(view.Name(metric), view.MetricUnit(metric));
            }

            if (!isSelected)
            {
                metrics.SkippedPoints.Add(1);
                continue;
            }

            metrics.CountPoint(Record(view, metric, point, ref keys));
        }
    }

    private PointProblem Record(OtlpView view, int metric, int node, ref SeriesKeyReader keys)
    {
        var unitNs = HistogramSelection.UnitNs(view.MetricUnit(metric));
        var point = view.Point(node);
        if (unitNs == 0)
        {
            return PointProblem.Unit;
        }

        if (!point.HasRecordedValue || point.Count == 0 && view.Temporality(metric) == MetricTemporality.Delta)
        {
            return PointProblem.None;
        }

        var problem = _source.Read(point, view.TypeOfMetric(metric) == MetricType.ExponentialHistogram);
        if (problem == PointProblem.None)
        {
            problem = view.Temporality(metric) switch
            {
                MetricTemporality.Delta => PointProblem.None,
                MetricTemporality.Cumulative => streams.Difference(
                    StreamOf(view, metric, node), _source, point.StartNs, point.TimeNs, grid.NowSecond),
                _ => PointProblem.Temporality,
            };
        }

        if (problem != PointProblem.None || _source.Count == 0)
        {
            return problem;
        }

        _column.Clear();
        HistogramResampler.Add(_source, unitNs, _column);

        // A point covers the time after its start up to its time: what ends on the full second belongs to the one before.
        var second = point.TimeNs == 0 ? 0 : (long)((point.TimeNs - 1) / 1_000_000_000);
        return grid.Add(grid.Series(keys.OfPoint(view, node)), second, _column) == GridOutcome.Counted
            ? PointProblem.None
            : PointProblem.OutsideTheHour;
    }

    private static ulong StreamOf(OtlpView view, int metric, int node)
    {
        var hash = (long)XxHash3.HashToUInt64(view.ReceivedBytes(view.ResourceOf(node)));
        hash = (long)XxHash3.HashToUInt64(view.Name(view.ScopeOf(node)), hash);
        hash = (long)XxHash3.HashToUInt64(view.Name(metric), hash);
        foreach (var attribute in view.Attributes(node))
        {
            hash = (long)XxHash3.HashToUInt64(attribute.Key, hash);
            hash = (long)XxHash3.HashToUInt64(attribute.Value.Encoded, hash);
        }

        return (ulong)hash;
    }
}
