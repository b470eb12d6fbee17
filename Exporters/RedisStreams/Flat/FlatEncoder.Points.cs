using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Exporters.RedisStreams.Flat;

/// <content>Data points, the cells of a heat map's second among them.</content>
internal sealed partial class FlatEncoder
{
    private const int ExemplarsMax = 8;

    private void EncodePoint(OtlpView view, int node, EntryBuffer entry)
    {
        var metric = view.MetricOf(node);
        var type = view.TypeOfMetric(metric);
        var point = view.Point(node);
        entry.Text("type"u8, "point"u8);
        entry.Append(_resource);
        entry.Text("metric"u8, view.Name(metric));
        entry.TextIfAny("unit"u8, view.MetricUnit(metric));
        entry.Text("metric_type"u8, TypeText(type));
        entry.TextIfAny("temporality"u8, TemporalityText(view.Temporality(metric)));
        if (point.StartNs != 0)
        {
            entry.Number("start_ns"u8, point.StartNs);
        }

        entry.Number("time_ns"u8, point.TimeNs);
        WriteAttributes(view.Attributes(node), entry);
        if (!point.HasRecordedValue)
        {
            return;
        }

        switch (type)
        {
            case MetricType.Gauge or MetricType.Sum:
                WriteNumber(point, entry);
                break;
            case MetricType.Summary:
                WriteTotals(point, entry);
                WriteQuantiles(point, entry);
                break;
            case MetricType.ExponentialHistogram:
                WriteTotals(point, entry);
                WriteExponential(point, entry);
                break;
            default:
                WriteTotals(point, entry);
                WriteBuckets(point, entry);
                break;
        }

        WriteExemplars(point, entry);
    }

    private static ReadOnlySpan<byte> TypeText(MetricType type) => type switch
    {
        MetricType.Gauge => "gauge"u8,
        MetricType.Sum => "sum"u8,
        MetricType.Histogram => "histogram"u8,
        MetricType.ExponentialHistogram => "exponential_histogram"u8,
        _ => "summary"u8,
    };

    private static ReadOnlySpan<byte> TemporalityText(MetricTemporality temporality) => temporality switch
    {
        MetricTemporality.Delta => "delta"u8,
        MetricTemporality.Cumulative => "cumulative"u8,
        _ => default,
    };

    private static void WriteNumber(in MetricPointView point, EntryBuffer entry)
    {
        if (point.IsInt)
        {
            entry.Number("value"u8, point.IntValue);
        }
        else if (point.HasValue)
        {
            entry.Number("value"u8, point.Value);
        }
    }

    private static void WriteTotals(in MetricPointView point, EntryBuffer entry)
    {
        entry.Number("count"u8, point.Count);
        WriteIfAny("sum"u8, point.Sum, entry);
        WriteIfAny("min"u8, point.Min, entry);
        WriteIfAny("max"u8, point.Max, entry);
    }

    private static void WriteIfAny(ReadOnlySpan<byte> name, double? value, EntryBuffer entry)
    {
        if (value is { } number)
        {
            entry.Number(name, number);
        }
    }

    /// <summary>Buckets that are not empty, as <c>upper bound:count</c> with blanks between; the last bound is <c>+Inf</c>.</summary>
    private static void WriteBuckets(in MetricPointView point, EntryBuffer entry)
    {
        entry.Begin("buckets"u8);
        var bounds = point.ExplicitBounds;
        var first = true;
        foreach (var count in point.BucketCounts)
        {
            var hasBound = bounds.MoveNext();
            if (count == 0)
            {
                continue;
            }

            entry.Write(first ? default : " "u8);
            first = false;
            if (hasBound)
            {
                entry.Write(bounds.CurrentDouble);
            }
            else
            {
                entry.Write("+Inf"u8);
            }

            entry.Write(":"u8);
            entry.Write(count);
        }

        entry.End();
    }

    private static void WriteExponential(in MetricPointView point, EntryBuffer entry)
    {
        entry.Number("scale"u8, (long)point.Scale);
        entry.Number("zero_count"u8, point.ZeroCount);
        WriteSide("positive"u8, point.Positive, entry);
        WriteSide("negative"u8, point.Negative, entry);
    }

    /// <summary>Buckets that are not empty, as <c>index:count</c>; bucket i holds values above base^i and up to base^(i+1).</summary>
    private static void WriteSide(ReadOnlySpan<byte> name, in ExponentialBuckets side, EntryBuffer entry)
    {
        var index = (long)side.Offset;
        var any = false;
        foreach (var count in side.Counts)
        {
            if (count > 0)
            {
                if (!any)
                {
                    entry.Begin(name);
                }

                entry.Write(any ? " "u8 : default);
                any = true;
                entry.Write(index);
                entry.Write(":"u8);
                entry.Write(count);
            }

            index++;
        }

        if (any)
        {
            entry.End();
        }
    }

    private static void WriteQuantiles(in MetricPointView point, EntryBuffer entry)
    {
        entry.Begin("quantiles"u8);
        var first = true;
        foreach (var (quantile, value) in point.Quantiles)
        {
            entry.Write(first ? default : " "u8);
            first = false;
            entry.Write(quantile);
            entry.Write(":"u8);
            entry.Write(value);
        }

        entry.End();
    }

    /// <summary>The first few, as <c>trace id/span id=value</c> with blanks between.</summary>
    private static void WriteExemplars(in MetricPointView point, EntryBuffer entry)
    {
        var written = 0;
        foreach (var exemplar in point.Exemplars)
        {
            if ((exemplar.TraceIdHigh | exemplar.TraceIdLow) == 0 || written == ExemplarsMax)
            {
                continue;
            }

            if (written == 0)
            {
                entry.Begin("exemplars"u8);
            }

            entry.Write(written == 0 ? default : " "u8);
            entry.WriteHex(exemplar.TraceIdHigh);
            entry.WriteHex(exemplar.TraceIdLow);
            entry.Write("/"u8);
            entry.WriteHex(exemplar.SpanId);
            entry.Write("="u8);
            entry.Write(exemplar.Value);
            written++;
        }

        if (written > 0)
        {
            entry.End();
        }
    }
}
