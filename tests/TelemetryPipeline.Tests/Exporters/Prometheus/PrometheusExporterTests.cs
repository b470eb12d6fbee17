using System.Linq;
using System.Text;
using CsCheck;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Metrics.V1;
using OpenTelemetry.Proto.Resource.V1;
using TelemetryPipeline.Exporters.Prometheus;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Tests.Processors;
using TelemetryPipeline.TestSupport.Otlp;
using Buckets = OpenTelemetry.Proto.Metrics.V1.ExponentialHistogramDataPoint.Types.Buckets;
using Gauge = OpenTelemetry.Proto.Metrics.V1.Gauge;
using Histogram = OpenTelemetry.Proto.Metrics.V1.Histogram;

namespace TelemetryPipeline.Tests.Exporters.Prometheus;

public sealed class PrometheusExporterTests
{
    private const string OpenMetrics = "application/openmetrics-text;version=1.0.0";
    private const AggregationTemporality Delta = AggregationTemporality.Delta;
    private const AggregationTemporality Cumulative = AggregationTemporality.Cumulative;

    private readonly ProcessorHarness _surroundings = new(Signal.Metrics);

    [Fact]
    public async Task Answer_EachTypeOfMetric_ShowsItInTheTextFormat()
    {
        var exporter = Exporter();
        await SendAsync(
            exporter,
            Gauge("queue.depth", "{items}", 7),
            Sum("transfers", "1", 3, Cumulative, isMonotonic: true),
            Sum("open.orders", "", -2, Cumulative, isMonotonic: false),
            Histogram("latency", "ms", Delta, [10, 20], [1, 2, 3], sum: 90),
            new Metric
            {
                Name = "settle.time",
                Unit = "s",
                Summary = new Summary
                {
                    DataPoints =
                    {
                        new SummaryDataPoint
                        {
                            TimeUnixNano = 1, Count = 4, Sum = 2.5,
                            QuantileValues = { new SummaryDataPoint.Types.ValueAtQuantile { Quantile = 0.5, Value = 0.25 } },
                        },
                    },
                },
            });

        Assert.Equal(
            """
            # TYPE latency_milliseconds histogram
            latency_milliseconds_bucket{le="10"} 1
            latency_milliseconds_bucket{le="20"} 3
            latency_milliseconds_bucket{le="+Inf"} 6
            latency_milliseconds_sum 90
            latency_milliseconds_count 6
            # TYPE open_orders gauge
            open_orders -2
            # TYPE queue_depth gauge
            queue_depth 7
            # TYPE settle_time_seconds summary
            settle_time_seconds{quantile="0.5"} 0.25
            settle_time_seconds_sum 2.5
            settle_time_seconds_count 4
            # TYPE transfers_total counter
            transfers_total 3

            """.ReplaceLineEndings("\n"),
            Page(exporter));
    }

    [Fact]
    public async Task Consume_Deltas_AddsThemUpInWhateverOrder()
    {
        var exporter = Exporter();
        await SendAsync(exporter, Histogram("latency", "ms", Delta, [10], [1, 2], sum: 50, timeNs: 20));
        await SendAsync(exporter, Histogram("latency", "ms", Delta, [10], [4, 0], sum: 4, timeNs: 10));
        await SendAsync(exporter, Sum("transfers", "", 3, Delta, isMonotonic: true), Sum("transfers", "", 4, Delta, isMonotonic: true));

        var page = Page(exporter);
        Assert.Contains("latency_milliseconds_bucket{le=\"10\"} 5\n", page, StringComparison.Ordinal);
        Assert.Contains("latency_milliseconds_count 7\n", page, StringComparison.Ordinal);
        Assert.Contains("latency_milliseconds_sum 54\n", page, StringComparison.Ordinal);
        Assert.Contains("transfers_total 7\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Consume_CumulativePoints_ShowsTheNewest()
    {
        var exporter = Exporter();
        await SendAsync(exporter, Histogram("latency", "ms", Cumulative, [10], [1, 2], sum: 50, timeNs: 20));
        await SendAsync(exporter, Histogram("latency", "ms", Cumulative, [10], [9, 9], sum: 99, timeNs: 10));
        await SendAsync(exporter, Histogram("latency", "ms", Cumulative, [10], [2, 2], sum: 60, timeNs: 30));

        Assert.Contains("latency_milliseconds_count 4\n", Page(exporter), StringComparison.Ordinal);
        Assert.Equal(1, _surroundings.Metric("otelcol_exporter_prometheus_dropped_points", "out_of_order"));
        Assert.Equal(2, _surroundings.Metric("otelcol_exporter_sent_metric_points"));
    }

    [Fact]
    public void Consume_ExponentialHistograms_CountExactlyAtPowersOfTwo() =>
        Gen.Select(Gen.Int[-1, 6], Gen.Double[0.001, 5000].Array[1, 60]).Sample(
            (scale, values) =>
            {
                var exporter = Exporter();
                var step = Math.Pow(2, -scale);
                var indices = values.Select(v => (int)Math.Ceiling(Math.Log2(v) / step) - 1).ToList();
                var counts = new ulong[indices.Max() - indices.Min() + 1];
                indices.ForEach(i => counts[i - indices.Min()]++);
                SendAsync(exporter, new Metric
                {
                    Name = "d",
                    ExponentialHistogram = new ExponentialHistogram
                    {
                        AggregationTemporality = Cumulative,
                        DataPoints =
                        {
                            new ExponentialHistogramDataPoint
                            {
                                TimeUnixNano = 1, Count = (ulong)values.Length + 2, Scale = scale, ZeroCount = 2,
                                Positive = new Buckets { Offset = indices.Min(), BucketCounts = { counts } },
                            },
                        },
                    },
                }).GetAwaiter().GetResult();

                // At scale -1 the bounds are powers of four.
                var page = Page(exporter);
                foreach (var exponent in (int[])[-4, 0, 2, 10])
                {
                    var bound = Math.Pow(2, exponent);
                    Assert.Contains($"d_bucket{{le=\"{bound}\"}} {values.Count(v => v <= bound) + 2}\n", page, StringComparison.Ordinal);
                }

                Assert.Contains($"d_count {values.Length + 2}\n", page, StringComparison.Ordinal);
            },
            iter: 100);

    [Fact]
    public async Task Answer_OpenMetrics_HasExemplarsAndEndsProperly()
    {
        var exporter = Exporter("{endpoint: 'localhost:0', enable_open_metrics: true}");
        var metric = Histogram("latency", "ms", Delta, [10], [0, 1], sum: 25);
        metric.Histogram.DataPoints[0].Exemplars.Add(new OpenTelemetry.Proto.Metrics.V1.Exemplar
        {
            AsDouble = 25,
            TimeUnixNano = 1_500_000_000,
            TraceId = ByteString.CopyFrom([.. new byte[15], 7]),
            SpanId = ByteString.CopyFrom([.. new byte[7], 9]),
        });
        await SendAsync(exporter, metric, Sum("transfers", "", 3, Cumulative, isMonotonic: true));

        var page = Page(exporter, OpenMetrics);

        Assert.Contains(
            "latency_milliseconds_bucket{le=\"+Inf\"} 1 # {trace_id=\"00000000000000000000000000000007\",span_id=\"0000000000000009\"} 25 1.5\n",
            page,
            StringComparison.Ordinal);
        Assert.Contains("latency_milliseconds_bucket{le=\"10.0\"} 0\n", page, StringComparison.Ordinal);
        Assert.Contains("# TYPE transfers counter\ntransfers_total 3\n", page, StringComparison.Ordinal);
        Assert.EndsWith("# EOF\n", page, StringComparison.Ordinal);
        Assert.DoesNotContain("trace_id", Page(exporter), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_Labels_AreSortedEscapedAndComeFromPointResourceScopeAndSettings()
    {
        var exporter = Exporter(
            "{endpoint: 'localhost:0', namespace: bank, const_labels: {region: cn}, send_timestamps: true, resource_constant_labels: {included: ['k8s.*']}}");
        var request = Request(Gauge("queue.depth", "", 7));
        request.ResourceMetrics[0].Resource = new Resource
        {
            Attributes =
            {
                Text("service.name", "ledger"), Text("service.namespace", "core"), Text("service.instance.id", "l-0"),
                Text("k8s.pod.name", "p"), Text("host.name", "h"),
            },
        };
        request.ResourceMetrics[0].ScopeMetrics[0].Scope = new InstrumentationScope { Name = "s", Version = "1" };
        var point = request.ResourceMetrics[0].ScopeMetrics[0].Metrics[0].Gauge.DataPoints[0];
        point.TimeUnixNano = 5_000_000;
        point.Attributes.AddRange([Text("z.z", "1"), Text("a", "quo\"te\\\n"), Text("le", "x"), Text("z_z", "2")]);
        await SendAsync(exporter, request);

        var page = Page(exporter);

        Assert.Contains(
            "bank_queue_depth{a=\"quo\\\"te\\\\\\n\",exported_le=\"x\",instance=\"l-0\",job=\"core/ledger\",k8s_pod_name=\"p\",otel_scope_name=\"s\",otel_scope_version=\"1\",region=\"cn\",z_z=\"1;2\"} 7 5\n",
            page,
            StringComparison.Ordinal);
        Assert.Contains("target_info{host_name=\"h\",instance=\"l-0\",job=\"core/ledger\",k8s_pod_name=\"p\"} 1\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Series_WithoutAnUpdateOrWithoutAValue_Disappear()
    {
        var exporter = Exporter("{endpoint: 'localhost:0', metric_expiration: 1m}");
        await SendAsync(exporter, Gauge("old", "", 1), Gauge("ended", "", 1));
        _surroundings.Time.Advance(TimeSpan.FromSeconds(45));
        var ended = Gauge("ended", "", 1);
        ended.Gauge.DataPoints[0].Flags = 1;
        await SendAsync(exporter, Gauge("fresh", "", 1), ended);
        Assert.Equal("# TYPE fresh gauge\nfresh 1\n# TYPE old gauge\nold 1\n", Page(exporter));

        _surroundings.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("# TYPE fresh gauge\nfresh 1\n", Page(exporter));
        Assert.Equal(1, _surroundings.Metric("otelcol_exporter_prometheus_series"));
    }

    [Fact]
    public async Task Series_BeyondTheLimitOrOfAnotherType_AreDroppedAndCounted()
    {
        var exporter = Exporter("{endpoint: 'localhost:0', series_limit: 2}");
        await SendAsync(
            exporter,
            Gauge("a", "", 1), Gauge("b", "", 1), Gauge("c", "", 1), Gauge("a", "", 5),
            Histogram("b", "", Delta, [1], [1, 1], sum: 2), Sum("d", "", 1, AggregationTemporality.Unspecified, isMonotonic: true));

        Assert.Equal("# TYPE a gauge\na 5\n# TYPE b gauge\nb 1\n", Page(exporter));
        Assert.Equal(1, Dropped("series_limit"));
        Assert.Equal(1, Dropped("type_conflict"));
        Assert.Equal(1, Dropped("no_value"));
    }

    [Fact]
    public async Task Start_WithPortZero_ServesThePage()
    {
        var exporter = Exporter();
        await exporter.StartAsync(TestContext.Current.CancellationToken);
        await SendAsync(exporter, Gauge("up", "", 1));
        using var client = new HttpClient();

        var page = await client.GetStringAsync(new Uri($"http://{exporter.Address}/metrics"), TestContext.Current.CancellationToken);

        Assert.Equal("# TYPE up gauge\nup 1\n", page);
        await exporter.StopAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("http.server.request.duration", "s", false, false, "http_server_request_duration_seconds")]
    [InlineData("system.network.io", "By", true, false, "system_network_io_bytes_total")]
    [InlineData("foo.total", "", true, false, "foo_total")]
    [InlineData("foo.seconds", "s", false, false, "foo_seconds")]
    [InlineData("rate", "By/s", false, true, "rate_bytes_per_second")]
    [InlineData("usage", "1", false, true, "usage_ratio")]
    [InlineData("usage", "1", false, false, "usage")]
    [InlineData("2nd.try", "{tries}", false, true, "_2nd_try")]
    public void Metric_Name_FollowsTheRulesForPrometheus(string name, string unit, bool isCounter, bool isGauge, string expected) =>
        Assert.Equal(expected, MetricNames.Metric(name, unit, isCounter, isGauge, addSuffixes: true));

    [Theory]
    [InlineData("{}", "must be set")]
    [InlineData("{endpoint: x}", "must be host:port, with an IPv6 address in brackets, got \"x\"")]
    [InlineData("{endpoint: 'localhost:0', metric_expiration: 0s}", "must be 1ms or more, got 0s")]
    [InlineData("{endpoint: 'localhost:0', sending_queue: {}}", "not supported by this build: points are taken into memory at once")]
    public void Read_ASettingThatIsWrong_SaysWhatIsAllowed(string yaml, string problem) =>
        Assert.Equal([problem], Read(yaml).Errors);

    private static (PrometheusConfig Config, IReadOnlyList<string> Errors) Read(string yaml)
    {
        Assert.True(YamlReader.TryRead(yaml, "test", out var node, out var error), error?.ToString());
        var errors = new ConfigErrors();
        var section = new ConfigSection(node, default, "exporters::prometheus", errors);
        var config = (PrometheusConfig)new PrometheusFactory().ReadConfig(section);
        section.Finish();
        return (config, [.. errors.Sorted().Select(e => e.Problem)]);
    }

    private static string Page(PrometheusExporter exporter, string accept = "")
    {
        var answer = new PageAnswer();
        exporter.Answer(new PageRequest("/metrics", new Dictionary<string, string>()) { Accept = accept }, answer);
        Assert.Equal(200, answer.StatusCode);
        return Encoding.UTF8.GetString(answer.Body.WrittenSpan);
    }

    private static Task SendAsync(PrometheusExporter exporter, params Metric[] metrics) => SendAsync(exporter, Request(metrics));

    private static async Task SendAsync(PrometheusExporter exporter, ExportMetricsServiceRequest request)
    {
        using var batch = OtlpPayloads.Batch(request);
        Assert.True((await exporter.ConsumeAsync(batch, CancellationToken.None)).IsAccepted);
    }

    private static ExportMetricsServiceRequest Request(params Metric[] metrics) => new()
    {
        ResourceMetrics = { new ResourceMetrics { ScopeMetrics = { new ScopeMetrics { Metrics = { metrics } } } } },
    };

    private static Metric Gauge(string name, string unit, long value) => new()
    {
        Name = name,
        Unit = unit,
        Gauge = new Gauge { DataPoints = { new NumberDataPoint { AsInt = value } } },
    };

    private static Metric Sum(string name, string unit, double value, AggregationTemporality temporality, bool isMonotonic) => new()
    {
        Name = name,
        Unit = unit,
        Sum = new Sum
        {
            AggregationTemporality = temporality,
            IsMonotonic = isMonotonic,
            DataPoints = { new NumberDataPoint { AsDouble = value } },
        },
    };

    private static Metric Histogram(
        string name, string unit, AggregationTemporality temporality, double[] bounds, ulong[] counts, double sum, ulong timeNs = 1) => new()
        {
            Name = name,
            Unit = unit,
            Histogram = new Histogram
            {
                AggregationTemporality = temporality,
                DataPoints =
            {
                new HistogramDataPoint
                {
                    TimeUnixNano = timeNs, Sum = sum, Count = counts.Aggregate(0UL, (a, b) => a + b),
                    ExplicitBounds = { bounds }, BucketCounts = { counts },
                },
            },
            },
        };

    private static KeyValue Text(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };

    private PrometheusExporter Exporter(string yaml = "{endpoint: 'localhost:0'}")
    {
        var (config, errors) = Read(yaml);
        Assert.Empty(errors);
        return (PrometheusExporter)new PrometheusFactory().Create(_surroundings.Context("prometheus"), config);
    }

    private double Dropped(string reason) => _surroundings.Metric("otelcol_exporter_prometheus_dropped_points", reason);
}
