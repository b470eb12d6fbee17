using System.Buffers;
using System.Globalization;
using System.Linq;
using System.Text;

namespace TelemetryPipeline.Pipeline.Diagnostics;

/// <summary>
/// Writes a registry in the Prometheus text format, version 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/).
/// </summary>
internal static class PrometheusText
{
    /// <summary>The media type of the format.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Writes every family that has a series, by name, its series by labels.</summary>
    /// <param name="metrics">The registry.</param>
    /// <param name="output">Takes the text in UTF-8.</param>
    public static void Write(MetricRegistry metrics, IBufferWriter<byte> output)
    {
        foreach (var family in metrics.Families.OrderBy(static f => f.Name, StringComparer.Ordinal))
        {
            var series = family.Series.OrderBy(static s => s.Key, StringComparer.Ordinal).ToArray();
            if (series.Length == 0)
            {
                continue;
            }

            Append(output, $"# HELP {family.Name} {EscapeHelp(family.Help)}\n");
            Append(output, $"# TYPE {family.Name} {TypeOf(family.Kind)}\n");
            foreach (var (labels, instrument) in series)
            {
                switch (instrument)
                {
                    case Counter counter:
                        Sample(output, family.Name, labels, counter.Value.ToString(CultureInfo.InvariantCulture));
                        break;
                    case Gauge gauge:
                        Sample(output, family.Name, labels, Number(gauge.Read()));
                        break;
                    case Histogram histogram:
                        Buckets(output, family.Name, labels, histogram);
                        break;
                }
            }
        }
    }

    // Every bucket is read once, so that the count is that of the last bucket even while values come in.
    private static void Buckets(IBufferWriter<byte> output, string name, string labels, Histogram histogram)
    {
        long count = 0;
        var comma = labels.Length == 0 ? "" : ",";
        for (var i = 0; i <= histogram.Bounds.Length; i++)
        {
            count += histogram.CountIn(i);
            var bound = i < histogram.Bounds.Length ? Number(histogram.Bounds[i]) : "+Inf";
            Sample(output, name + "_bucket", $"{labels}{comma}le=\"{bound}\"", count.ToString(CultureInfo.InvariantCulture));
        }

        Sample(output, name + "_sum", labels, Number(histogram.Sum));
        Sample(output, name + "_count", labels, count.ToString(CultureInfo.InvariantCulture));
    }

    private static void Sample(IBufferWriter<byte> output, string name, string labels, string value) =>
        Append(output, labels.Length == 0 ? $"{name} {value}\n" : $"{name}{{{labels}}} {value}\n");

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string TypeOf(MetricKind kind) => kind switch
    {
        MetricKind.Counter => "counter",
        MetricKind.Gauge => "gauge",
        _ => "histogram",
    };

    private static string EscapeHelp(string help) => help
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal);

    private static void Append(IBufferWriter<byte> output, string text) => Encoding.UTF8.GetBytes(text, output);
}
