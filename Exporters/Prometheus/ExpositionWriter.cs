using System.Buffers;
using System.Globalization;
using System.Text;

namespace TelemetryPipeline.Exporters.Prometheus;

/// <summary>
/// Writes series in the Prometheus text format 0.0.4, or in OpenMetrics 1.0, which has exemplars
/// (https://prometheus.io/docs/specs/om/open_metrics_spec/).
/// </summary>
/// <param name="output">Takes the text in UTF-8.</param>
/// <param name="isOpenMetrics">Whether it is OpenMetrics.</param>
/// <param name="sendTimestamps">Whether samples carry the time of their point.</param>
internal sealed class ExpositionWriter(IBufferWriter<byte> output, bool isOpenMetrics, bool sendTimestamps)
{
    /// <summary>The media type of OpenMetrics, as scrapers ask for it.</summary>
    public const string OpenMetricsType = "application/openmetrics-text";

    private const string TotalSuffix = "_total";
    private const ulong NsPerMs = 1_000_000;
    private const double NsPerSecond = 1e9;

    /// <summary>What the text is.</summary>
    public string ContentType => isOpenMetrics
        ? OpenMetricsType + "; version=1.0.0; charset=utf-8"
        : "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Writes all series of a name.</summary>
    public void Write(SampleFamily family)
    {
        if (family.Series.Count == 0)
        {
            return;
        }

        // In OpenMetrics a counter's name has no suffix, its sample always does.
        var isCounter = family.Kind == SampleKind.Counter;
        var name = isOpenMetrics && isCounter && family.Name.EndsWith(TotalSuffix, StringComparison.Ordinal)
            ? family.Name[..^TotalSuffix.Length]
            : family.Name;
        var sample = isOpenMetrics && isCounter ? name + TotalSuffix : family.Name;
        if (family.Help.Length > 0)
        {
            Put($"# HELP {name} {EscapeHelp(family.Help)}\n");
        }

        Put($"# TYPE {name} {TypeOf(family.Kind)}\n");
        foreach (var (key, series) in family.Series)
        {
            var labels = series.Labels ?? key;
            switch (family.Kind)
            {
                case SampleKind.Histogram:
                    WriteBuckets(family.Name, labels, series);
                    break;
                case SampleKind.Summary:
                    WriteQuantiles(family.Name, labels, series);
                    break;
                default:
                    var exemplar = isCounter && series.Exemplars.Length > 0 ? series.Exemplars[0] : default;
                    Sample(sample, labels, "", Number(series.Value), series.TimeNs, exemplar);
                    break;
            }
        }
    }

    /// <summary>Ends the text.</summary>
    public void End()
    {
        if (isOpenMetrics)
        {
            Put("# EOF\n");
        }
    }

    private static string TypeOf(SampleKind kind) => kind switch
    {
        SampleKind.Counter => "counter",
        SampleKind.Histogram => "histogram",
        SampleKind.Summary => "summary",
        _ => "gauge",
    };

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    // OpenMetrics wants bounds and quantiles to look like floating-point numbers: 10.0.
    private string Bound(double value)
    {
        var text = Number(value);
        return isOpenMetrics && double.IsFinite(value) && text.AsSpan().IndexOfAny(".eE") < 0 ? text + ".0" : text;
    }

    private void WriteBuckets(string name, string labels, SeriesState series)
    {
        var below = 0UL;
        var last = double.NegativeInfinity;
        for (var i = 0; i < series.Counts.Length; i++)
        {
            below += series.Counts[i];

            // A bound that is no number would make a second "+Inf", one that does not rise a second bucket of one bound,
            // and Prometheus would refuse the whole page. What is in such a bucket counts in the next one.
            if (i < series.Bounds.Length && !(series.Bounds[i] > last && double.IsFinite(series.Bounds[i])))
            {
                continue;
            }

            last = i < series.Bounds.Length ? series.Bounds[i] : last;

            var bound = i < series.Bounds.Length ? Bound(series.Bounds[i]) : "+Inf";
            var exemplar = series.Exemplars.Length > i ? series.Exemplars[i] : default;
            Sample(name + "_bucket", labels, $"le=\"{bound}\"", Whole(below), series.TimeNs, exemplar);
        }

        Sample(name + "_sum", labels, "", Number(series.Sum), series.TimeNs, default);
        Sample(name + "_count", labels, "", Whole(below), series.TimeNs, default);
    }

    private void WriteQuantiles(string name, string labels, SeriesState series)
    {
        foreach (var (quantile, value) in series.Quantiles)
        {
            Sample(name, labels, $"quantile=\"{Bound(quantile)}\"", Number(value), series.TimeNs, default);
        }

        Sample(name + "_sum", labels, "", Number(series.Sum), series.TimeNs, default);
        Sample(name + "_count", labels, "", Whole(series.Count), series.TimeNs, default);
    }

    private void Sample(string name, string labels, string more, string value, ulong timeNs, in Exemplar exemplar)
    {
        Put(name);
        if (labels.Length + more.Length > 0)
        {
            Put("{");
            Put(labels);
            Put(labels.Length > 0 && more.Length > 0 ? "," : "");
            Put(more);
            Put("}");
        }

        Put(" ");
        Put(value);
        if (sendTimestamps && timeNs > 0)
        {
            Put(" ");
            Put(isOpenMetrics ? Number(timeNs / NsPerSecond) : Whole(timeNs / NsPerMs));
        }

        if (isOpenMetrics && exemplar.IsPresent)
        {
            Put(string.Create(
                CultureInfo.InvariantCulture,
                $" # {{trace_id=\"{exemplar.TraceIdHigh:x16}{exemplar.TraceIdLow:x16}\",span_id=\"{exemplar.SpanId:x16}\"}} {Number(exemplar.Value)} {Number(exemplar.TimeNs / NsPerSecond)}"));
        }

        Put("\n");
    }

    private static string Whole(ulong value) => value.ToString(CultureInfo.InvariantCulture);

    private string EscapeHelp(string help)
    {
        // Prometheus ends the page at a NUL outside of labels.
        var escaped = help.Replace('\0', '\uFFFD')
            .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return isOpenMetrics ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }

    private void Put(string text) => Encoding.UTF8.GetBytes(text, output);
}
