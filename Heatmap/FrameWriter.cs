using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Schema;

namespace TelemetryPipeline.Heatmap;

/// <summary>
/// Writes what has changed in the grid as an OTLP histogram: delta, in milliseconds, 59 bounds 10 to 590, a data point
/// for each series and changed second.
/// </summary>
internal sealed class FrameWriter(LatencyGrid grid, HeatmapDimension[] dimensions, string metricName)
{
    /// <summary>Data points of one frame; more are written as further frames.</summary>
    public const int PointsMax = 2000;

    // Bounds and counts as 64-bit numbers, times, ids of a few exemplars, the dimensions.
    private const int PointSizeBytesExpected = 1400;
    private const double NsPerMs = 1e6;
    private const ulong NsPerSecond = 1_000_000_000;

    private static readonly double[] Bounds = MakeBounds();

    // An exemplar of a column that is written with a later frame waits for it, but not for long.
    private const int ExemplarsWaitSeconds = 60;

    private readonly ulong[] _counts = new ulong[LatencyBuckets.BucketCount];
    private readonly Dictionary<(int Series, long Second), List<LatencyExemplar>> _exemplars = [];

    /// <summary>Takes changes from the grid.</summary>
    /// <param name="beforeSecond">Seconds that are still open are left for a later frame.</param>
    /// <returns>The frame; null where nothing has changed.</returns>
    public OtlpChunk? Write(long beforeSecond)
    {
        var columns = TakeColumns(beforeSecond);
        if (columns.Count == 0)
        {
            return null;
        }

        TakeExemplars(beforeSecond);
        using var request = new OtlpRequestBuilder(columns.Count * PointSizeBytesExpected);
        var resource = request.BeginMessage(OtlpFields.Request.Resources);
        var scope = request.BeginMessage(OtlpFields.ResourceEnvelope.Scopes);
        var scopeInfo = request.BeginMessage(OtlpFields.ScopeEnvelope.Scope);
        request.WriteBytes(OtlpFields.Scope.Name, "latency_heatmap"u8);
        request.EndMessage(scopeInfo);
        var metric = request.BeginMessage(OtlpFields.ScopeEnvelope.Items);
        request.WriteText(OtlpFields.Metric.Name, metricName);
        request.WriteBytes(OtlpFields.Metric.Description, "Latencies in buckets of 10 ms, a point for each second."u8);
        request.WriteBytes(OtlpFields.Metric.Unit, "ms"u8);
        var histogram = request.BeginMessage(OtlpFields.Metric.Histogram);
        foreach (var (series, second, column) in columns)
        {
            _exemplars.Remove((series, second), out var ofColumn);
            WritePoint(request, series, second, column, ofColumn);
        }

        request.WriteVarint(OtlpFields.Histogram.Temporality, (ulong)MetricTemporality.Delta);
        request.EndMessage(histogram);
        request.EndMessage(metric);
        request.EndMessage(scope);
        request.EndMessage(resource);
        return request.Finish(Signal.Metrics, columns.Count);
    }

    private static double[] MakeBounds()
    {
        var bounds = new double[LatencyBuckets.BucketCount - 1];
        for (var i = 0; i < bounds.Length; i++)
        {
            bounds[i] = LatencyBuckets.LowerBoundNs(i + 1) / NsPerMs;
        }

        return bounds;
    }

    private List<(int Series, long Second, DenseColumn Column)> TakeColumns(long beforeSecond)
    {
        var columns = new List<(int, long, DenseColumn)>();
        for (var series = 0; series < grid.SeriesCount; series++)
        {
            foreach (var (second, column) in grid.TakeChanges(series, beforeSecond, PointsMax - columns.Count))
            {
                columns.Add((series, second, column));
            }
        }

        return columns;
    }

    private void TakeExemplars(long beforeSecond)
    {
        foreach (var column in _exemplars.Keys)
        {
            if (column.Second < grid.NowSecond - ExemplarsWaitSeconds)
            {
                _exemplars.Remove(column);
            }
        }

        foreach (var (series, exemplar) in grid.Exemplars.TakeChanges(beforeSecond))
        {
            if (!_exemplars.TryGetValue((series, exemplar.Second), out var list))
            {
                _exemplars[(series, exemplar.Second)] = list = [];
            }

            list.Add(exemplar);
        }
    }

    private void WritePoint(
        OtlpRequestBuilder request, int series, long second, DenseColumn column, List<LatencyExemplar>? exemplars)
    {
        for (var bucket = 0; bucket < _counts.Length; bucket++)
        {
            _counts[bucket] = column.InBucket(bucket);
        }

        var point = request.BeginMessage(OtlpFields.Histogram.Points);
        request.WriteFixed64(OtlpFields.HistogramPoint.StartNs, (ulong)second * NsPerSecond);
        request.WriteFixed64(OtlpFields.HistogramPoint.TimeNs, (ulong)(second + 1) * NsPerSecond);
        request.WriteFixed64(OtlpFields.HistogramPoint.Count, column.Total);
        request.WriteDouble(OtlpFields.HistogramPoint.Sum, column.SumNs / NsPerMs);
        request.WritePackedFixed64(OtlpFields.HistogramPoint.BucketCounts, _counts);
        request.WritePackedDouble(OtlpFields.HistogramPoint.ExplicitBounds, Bounds);
        foreach (var exemplar in exemplars ?? [])
        {
            WriteExemplar(request, exemplar);
        }

        WriteDimensions(request, series);
        request.WriteDouble(OtlpFields.HistogramPoint.Min, column.FastestNs / NsPerMs);
        request.WriteDouble(OtlpFields.HistogramPoint.Max, column.SlowestNs / NsPerMs);
        request.EndMessage(point);
    }

    private void WriteDimensions(OtlpRequestBuilder request, int series)
    {
        if (grid.KeyOf(series) is not { } encoded)
        {
            request.WriteAttribute(OtlpFields.HistogramPoint.Attributes, "otel.metric.overflow"u8, true);
            return;
        }

        ReadOnlySpan<byte> key = encoded;
        foreach (var dimension in dimensions)
        {
            if (SeriesKey.TryReadValue(ref key, out var value))
            {
                request.WriteAttribute(OtlpFields.HistogramPoint.Attributes, dimension.Key, value);
            }
        }
    }

    private static void WriteExemplar(OtlpRequestBuilder request, in LatencyExemplar exemplar)
    {
        var start = request.BeginMessage(OtlpFields.HistogramPoint.Exemplars);
        request.WriteFixed64(OtlpFields.Exemplar.TimeNs, exemplar.EndNs);
        request.WriteDouble(OtlpFields.Exemplar.Double, exemplar.LatencyNs / NsPerMs);
        request.WriteSpanId(OtlpFields.Exemplar.SpanId, exemplar.SpanId);
        request.WriteTraceId(OtlpFields.Exemplar.TraceId, exemplar.TraceIdHigh, exemplar.TraceIdLow);
        request.WriteAttribute(OtlpFields.Exemplar.FilteredAttributes, "failed"u8, exemplar.IsFailing);
        request.EndMessage(start);
    }
}
