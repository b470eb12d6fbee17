using System.Text.Json;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <summary>
/// The buckets of a histogram as values and counts: each bucket that is not empty stands at its middle. Reused;
/// not thread-safe.
/// </summary>
internal sealed class HistogramCells
{
    private double[] _values = new double[64];
    private ulong[] _counts = new ulong[64];
    private int _length;

    /// <summary>Reads an explicit or an exponential histogram.</summary>
    /// <param name="point">The point.</param>
    /// <param name="isExponential">Which.</param>
    public void Read(in MetricPointView point, bool isExponential)
    {
        _length = 0;
        if (isExponential)
        {
            ReadExponential(point);
        }
        else
        {
            ReadExplicit(point);
        }

        if (_length == 0 && point.Count > 0)
        {
            // No buckets at all: the mean is all that is known.
            Add((point.Sum ?? 0) / point.Count, point.Count);
        }
    }

    /// <summary>Writes what Elasticsearch's type <c>histogram</c> takes, and, where there is no such type, the point's numbers and quantiles too.</summary>
    /// <param name="json">The writer.</param>
    /// <param name="point">The point.</param>
    /// <param name="isHistogramType">Whether the field is a <c>histogram</c>, which takes nothing else.</param>
    public void Write(Utf8JsonWriter json, in MetricPointView point, bool isHistogramType)
    {
        json.WriteStartObject();
        json.WriteStartArray("values"u8);
        for (var i = 0; i < _length; i++)
        {
            JsonValues.WriteDouble(json, _values[i]);
        }

        json.WriteEndArray();
        json.WriteStartArray("counts"u8);
        for (var i = 0; i < _length; i++)
        {
            json.WriteNumberValue(_counts[i]);
        }

        json.WriteEndArray();
        if (!isHistogramType)
        {
            json.WriteNumber("count"u8, point.Count);
            WriteNumber(json, "sum"u8, point.Sum);
            WriteNumber(json, "min"u8, point.Min);
            WriteNumber(json, "max"u8, point.Max);
            WriteNumber(json, "p50"u8, Quantile(0.50));
            WriteNumber(json, "p95"u8, Quantile(0.95));
            WriteNumber(json, "p99"u8, Quantile(0.99));
        }

        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, ReadOnlySpan<byte> name, double? number)
    {
        if (number is { } known)
        {
            json.WritePropertyName(name);
            JsonValues.WriteDouble(json, known);
        }
    }

    // The middle of the bucket that the quantile falls into; null for an empty point.
    private double? Quantile(double quantile)
    {
        ulong total = 0;
        for (var i = 0; i < _length; i++)
        {
            total += _counts[i];
        }

        var rank = Math.Max((ulong)Math.Ceiling(quantile * total), 1);
        ulong seen = 0;
        for (var i = 0; i < _length; i++)
        {
            seen += _counts[i];
            if (seen >= rank)
            {
                return _values[i];
            }
        }

        return null;
    }

    private void ReadExplicit(in MetricPointView point)
    {
        var bounds = point.ExplicitBounds;
        var isFirst = true;
        var lower = 0.0;
        foreach (var count in point.BucketCounts)
        {
            var hasUpper = bounds.MoveNext();
            var upper = hasUpper ? bounds.CurrentDouble : lower;
            if (count > 0 && (hasUpper || !isFirst))
            {
                Add(
                    isFirst ? (upper > 0 ? upper / 2 : upper)
                    : hasUpper ? (lower + upper) / 2
                    : point.Max is { } max && max > lower ? (lower + max) / 2 : lower,
                    count);
            }

            (lower, isFirst) = (upper, false);
        }
    }

    private void ReadExponential(in MetricPointView point)
    {
        AddSide(point.Negative, point.Scale, -1);
        Array.Reverse(_values, 0, _length);
        Array.Reverse(_counts, 0, _length);
        if (point.ZeroCount > 0)
        {
            Add(0, point.ZeroCount);
        }

        AddSide(point.Positive, point.Scale, 1);
    }

    private void AddSide(in ExponentialBuckets side, int scale, int sign)
    {
        var index = (long)side.Offset;
        foreach (var count in side.Counts)
        {
            if (count > 0)
            {
                var lower = Math.Pow(2, Math.ScaleB(index, -scale));
                var upper = Math.Pow(2, Math.ScaleB(index + 1, -scale));
                var middle = double.IsFinite(upper) ? (lower + upper) / 2 : lower;
                Add(sign * (double.IsFinite(middle) ? middle : double.MaxValue), count);
            }

            index++;
        }
    }

    private void Add(double value, ulong count)
    {
        if (_length == _values.Length)
        {
            Array.Resize(ref _values, 2 * _length);
            Array.Resize(ref _counts, 2 * _length);
        }

        _values[_length] = value;
        _counts[_length++] = count;
    }
}
