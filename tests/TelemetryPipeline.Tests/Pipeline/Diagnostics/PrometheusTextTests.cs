using System.Buffers;
using System.Text;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Tests.Pipeline.Diagnostics;

public sealed class PrometheusTextTests
{
    [Fact]
    public void Write_EveryKind_IsTheTextFormat()
    {
        var metrics = new MetricRegistry();
        metrics.Counter("b_total", "Counts \\ and\nbreaks.", ("reason", "a \"quoted\" \\ value\nand a break")).Add(3);
        metrics.Counter("b_total", "", ("reason", "a")).Add(1);
        metrics.Gauge("a_size", "A gauge.", static () => 1.5);
        metrics.Gauge("d_up", "Infinite.", static () => double.PositiveInfinity, ("x", "1"));
        var histogram = metrics.Histogram("c_seconds", "A distribution.", [0.5, 10], ("exporter", "otlp"));
        histogram.Record(0.5);
        histogram.Record(3);
        histogram.Record(11);

        Assert.Equal(
            """
            # HELP a_size A gauge.
            # TYPE a_size gauge
            a_size 1.5
            # HELP b_total Counts \\ and\nbreaks.
            # TYPE b_total counter
            b_total{reason="a \"quoted\" \\ value\nand a break"} 3
            b_total{reason="a"} 1
            # HELP c_seconds A distribution.
            # TYPE c_seconds histogram
            c_seconds_bucket{exporter="otlp",le="0.5"} 1
            c_seconds_bucket{exporter="otlp",le="10"} 2
            c_seconds_bucket{exporter="otlp",le="+Inf"} 3
            c_seconds_sum{exporter="otlp"} 14.5
            c_seconds_count{exporter="otlp"} 3
            # HELP d_up Infinite.
            # TYPE d_up gauge
            d_up{x="1"} +Inf

            """,
            Text(metrics));
    }

    [Fact]
    public void AddTo_ProcessMetrics_HaveTheCollectorsNames()
    {
        var metrics = new MetricRegistry();
        ProcessMetrics.AddTo(metrics, TimeProvider.System);

        var text = Text(metrics);

        Assert.All(
            (string[])[
                "uptime", "cpu_seconds", "memory_rss", "runtime_heap_alloc_bytes", "runtime_total_alloc_bytes",
                "runtime_total_sys_memory_bytes",
            ],
            name => Assert.Contains($"\notelcol_process_{name} ", text, StringComparison.Ordinal));
    }

    private static string Text(MetricRegistry metrics)
    {
        var output = new ArrayBufferWriter<byte>();
        PrometheusText.Write(metrics, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
