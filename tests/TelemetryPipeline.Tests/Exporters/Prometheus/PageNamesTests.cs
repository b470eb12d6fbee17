using System.Linq;
using System.Text;
using CsCheck;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Metrics.V1;
using OpenTelemetry.Proto.Resource.V1;
using TelemetryPipeline.Exporters.Prometheus;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Tests.Processors;
using TelemetryPipeline.TestSupport.Exposition;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Exporters.Prometheus;

/// <summary>Names and labels that would make Prometheus refuse the whole page, or take one series for another.</summary>
public sealed class PageNamesTests
{
    private static readonly string[] Keys =
    [
        "__name__", "le", "quantile", "job", "instance", "otel_scope_name", "exported_job", "exported_le", "region", "a.b", "a_b",
        "", "1st", "__", "..x", "\u540d", "x y",
    ];

    private static readonly string[] Names =
    [
        "h", "h_count", "h.sum", "h_bucket", "x", "x_total", "x.total", "x_created", "target_info", "target.info", "", "1", ":", "\u540d",
        "h count", "a", "a_b", "a.b",
    ];

    private readonly ProcessorHarness _harness = new(Signal.Metrics);

    [Theory]
    [InlineData("__name__", "exported___name__")]
    [InlineData("__address__", "exported___address__")]
    [InlineData("..x", "exported___x")]
    [InlineData("le", "exported_le")]
    [InlineData("quantile", "exported_quantile")]
    public async Task Labels_ReservedName_AreRenamedWhereverTheyComeFrom(string key, string expected)
    {
        var fromPoint = Exporter();
        await SendAsync(fromPoint, [], Gauge("g", 1, (key, "v")));
        Assert.Equal("v", Assert.Single(Parse(fromPoint).Samples).Labels[expected]);

        var fromResource = Exporter("resource_to_telemetry_conversion: {enabled: true}");
        await SendAsync(fromResource, [(key, "v"), ("service.name", "ledger")], Gauge("g", 1));
        Assert.All(Parse(fromResource).Samples, s => Assert.Equal("v", s.Labels[expected]));
        Assert.Equal(["g", "target_info"], Parse(fromResource).Samples.Select(static s => s.Name));

        var fromSettings = Exporter($"const_labels: {{'{key}': v}}");
        await SendAsync(fromSettings, [], Gauge("g", 1));
        Assert.Equal("v", Assert.Single(Parse(fromSettings).Samples).Labels[expected]);
    }

    [Fact]
    public async Task Labels_OneNameFromDifferentSources_KeepBothValuesApart()
    {
        var exporter = Exporter("const_labels: {region: north}", "resource_constant_labels: {included: [zone, job]}");
        await SendAsync(
            exporter,
            [("service.name", "ledger"), ("zone", "a"), ("job", "nightly")],
            Gauge("g", 1, ("job", "custom"), ("region", "south"), ("zone", "b"), ("exported_job", "own"), ("x.y", "2"), ("x_y", "3")));

        var sample = Parse(exporter).Samples.Single(static s => s.Name == "g");

        // The resource's job comes before the point's; each further one gets another exported_.
        Assert.Equal(
            "exported_exported_exported_job=custom,exported_exported_job=nightly,exported_job=own,exported_region=south,exported_zone=b,"
            + "job=ledger,region=north,x_y=2;3,zone=a",
            string.Join(',', sample.Without("").Split(',').Where(static l => !l.StartsWith("otel", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task Labels_KeysOfOneNameInAnotherOrder_AreTheSameSeries()
    {
        var exporter = Exporter();
        await SendAsync(exporter, [], Gauge("g", 1, ("a.b", "1"), ("a_b", "2")));
        await SendAsync(exporter, [], Gauge("g", 5, ("a_b", "2"), ("a.b", "1")));

        Assert.Equal("# TYPE g gauge\ng{a_b=\"1;2\"} 5\n", Page(exporter));
    }

    [Theory]
    [InlineData("h_count", false)]
    [InlineData("h_sum", false)]
    [InlineData("h_bucket", false)]
    [InlineData("h_created", true)]
    public async Task Metrics_SampleNameOfAHistogram_IsDroppedAndCounted(string name, bool onlyInOpenMetrics)
    {
        foreach (var openMetrics in new[] { false, true })
        {
            var exporter = Exporter($"enable_open_metrics: {openMetrics}");
            var before = Dropped("name_conflict");
            await SendAsync(exporter, [], Histogram("h", [1, 2]), Gauge(name, 7));

            var isDropped = openMetrics || !onlyInOpenMetrics;
            Assert.Equal(isDropped ? 1 : 0, Dropped("name_conflict") - before);
            Assert.Equal(isDropped ? 0 : 1, Parse(exporter).Samples.Count(s => s.Name == name && s.Value.Equals(7)));
        }
    }

    [Fact]
    public async Task Metrics_GaugeAndCounterOfOneName_ShareAPageOnlyWhereBothCanBeTold()
    {
        var text = Exporter();
        await SendAsync(text, [], Gauge("x", 1), Counter("x", 2));
        Assert.Equal("# TYPE x gauge\nx 1\n# TYPE x_total counter\nx_total 2\n", Page(text));

        // In OpenMetrics both families are called x.
        var open = Exporter("enable_open_metrics: true");
        await SendAsync(open, [], Gauge("x", 1), Counter("x", 2));
        Assert.Equal("# TYPE x gauge\nx 1\n# EOF\n", Page(open, isOpenMetrics: true));
        Assert.Equal(1, Dropped("name_conflict"));
    }

    [Fact]
    public async Task Metrics_TwoOfOneSeries_KeepTheFirstUntilItExpires()
    {
        var exporter = Exporter("metric_expiration: 1m");
        await SendAsync(exporter, [], Counter("x", 2), Counter("x.total", 30), Counter("x_total", 40));
        Assert.Equal("# TYPE x_total counter\nx_total 2\n", Page(exporter));
        Assert.Equal(2, Dropped("name_conflict"));

        // Of another service it is another series.
        await SendAsync(exporter, [("service.name", "b")], Counter("x.total", 5));
        Assert.Equal("# TYPE x_total counter\nx_total 2\nx_total{job=\"b\"} 5\n", Page(exporter));

        _harness.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("", Page(exporter));
        await SendAsync(exporter, [], Gauge("x_total", 7));
        Assert.Equal("# TYPE x_total gauge\nx_total 7\n", Page(exporter));
    }

    [Fact]
    public async Task TargetInfo_AfterTheResourceChanged_IsOneSeriesOfATarget()
    {
        var exporter = Exporter();
        await SendAsync(exporter, [("service.name", "ledger"), ("host.name", "a")], Gauge("g", 1));
        await SendAsync(exporter, [("service.name", "ledger"), ("host.name", "b"), ("os.type", "linux")], Gauge("g", 1), Gauge("target_info", 9));
        await SendAsync(exporter, [("service.name", "payment"), ("host.name", "a")], Gauge("g", 1));

        Assert.Equal(
            ["host_name=b,job=ledger,os_type=linux", "host_name=a,job=payment"],
            Parse(exporter).Samples.Where(static s => s.Name == "target_info").Select(static s => s.Without("")));
        Assert.Equal(1, Dropped("name_conflict"));
    }

    [Fact]
    public async Task Points_BoundsAndQuantilesThatRepeat_MakeNoSecondSample()
    {
        var exporter = Exporter();
        var summary = new SummaryDataPoint { TimeUnixNano = 1, Count = 1, Sum = 1 };
        foreach (var quantile in new[] { 0.9, 0.5, 0.5, double.NaN, 7 })
        {
            summary.QuantileValues.Add(new SummaryDataPoint.Types.ValueAtQuantile { Quantile = quantile, Value = 1 });
        }

        await SendAsync(
            exporter, [],
            Histogram("h", [1, 1, 3, 2, double.NaN, 3.5]), new Metric { Name = "s", Summary = new Summary { DataPoints = { summary } } });

        var page = Parse(exporter);
        Assert.Equal(
            [("1", 1), ("3", 3), ("3.5", 6), ("+Inf", 7)],
            page.Samples.Where(static s => s.Name == "h_bucket").Select(static s => (s.Labels["le"], (int)s.Value)));
        Assert.Equal(["0.5", "0.9"], page.Samples.Where(static s => s.Name == "s").Select(static s => s.Labels["quantile"]));
    }

    [Fact]
    public async Task Families_WhoseSeriesEnded_LeaveNothing()
    {
        var exporter = Exporter("series_limit: 1");
        for (var i = 0; i < 3; i++)
        {
            await SendAsync(exporter, [], Gauge($"g{i}", 1), Gauge("beyond", 1), Ended($"g{i}"));
        }

        Assert.Equal("", Page(exporter));
        await SendAsync(exporter, [], Histogram("g0", [1]));
        Assert.Equal(4, Parse(exporter).Samples.Count);
    }

    // The oracle is the strict reader: unique series, TYPE first, suffixes, reserved labels, rising buckets.
    [Fact]
    public void Page_AnyNamesAndLabels_IsWellFormedAndEveryPointIsCounted()
    {
        var attributes = Gen.Select(One(Keys), Gen.OneOf(One("", "v", "\"\\\n\0\r", "\u540d"), Gen.String)).Array[0, 4];
        var metric = Gen.Select(Gen.OneOf(One(Names), Gen.String), Gen.Int[0, 4], attributes, Gen.Double[0, 9].Array[0, 4], Gen.String);
        var settings = Gen.Select(Gen.Bool, Gen.Bool, Gen.Bool, One(Keys));
        Gen.Select(settings, Gen.Select(attributes, metric.Array[1, 6]).Array[1, 4]).Sample(
            (choice, batches) =>
            {
                var (openMetrics, suffixes, conversion, constant) = choice;
                var before = Counted();
                var exporter = Exporter(
                    $"enable_open_metrics: {openMetrics}", $"add_metric_suffixes: {suffixes}", $"send_timestamps: {suffixes}",
                    $"resource_to_telemetry_conversion: {{enabled: {conversion}}}", $"const_labels: {{\"{constant}\": c}}");
                foreach (var (resource, metrics) in batches)
                {
                    Metric[] sent = [.. metrics.Select(static m => OfKind(m.Item1, m.Item2, m.Item3, m.Item4, m.Item5))];
                    SendAsync(exporter, [.. resource, ("service.name", "ledger")], sent).GetAwaiter().GetResult();
                }

                Assert.Equal(batches.Sum(static b => b.Item2.Length), Counted() - before);
                Parse(exporter);
                if (openMetrics)
                {
                    Parse(exporter, isOpenMetrics: true);
                }
            },
            iter: 2000, threads: 1);
    }

    private static Gen<string> One(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static Metric OfKind(string name, int kind, (string, string)[] attributes, double[] numbers, string help)
    {
        var metric = kind switch
        {
            0 => Gauge(name, 1, attributes),
            1 => Counter(name, 2, attributes),
            2 => Histogram(name, numbers, attributes),
            3 => new Metric { Name = name, Summary = new Summary { DataPoints = { Summary(numbers, attributes) } } },
            _ => Ended(name, attributes),
        };
        metric.Description = help;
        return metric;
    }

    private static SummaryDataPoint Summary(double[] numbers, (string, string)[] attributes) => new()
    {
        TimeUnixNano = 1,
        Count = 1,
        Attributes = { Pairs(attributes) },
        QuantileValues = { numbers.Select(static n => new SummaryDataPoint.Types.ValueAtQuantile { Quantile = n / 9, Value = n }) },
    };

    private static Metric Gauge(string name, long value, params (string, string)[] attributes) => new()
    {
        Name = name,
        Gauge = new OpenTelemetry.Proto.Metrics.V1.Gauge
        {
            DataPoints = { new NumberDataPoint { TimeUnixNano = 1, AsInt = value, Attributes = { Pairs(attributes) } } },
        },
    };

    private static Metric Ended(string name, params (string, string)[] attributes)
    {
        var metric = Gauge(name, 0, attributes);
        metric.Gauge.DataPoints[0].Flags = 1;
        return metric;
    }

    private static Metric Counter(string name, long value, params (string, string)[] attributes) => new()
    {
        Name = name,
        Sum = new Sum
        {
            IsMonotonic = true,
            AggregationTemporality = AggregationTemporality.Cumulative,
            DataPoints = { new NumberDataPoint { TimeUnixNano = 1, AsInt = value, Attributes = { Pairs(attributes) } } },
        },
    };

    // One value in each bucket.
    private static Metric Histogram(string name, double[] bounds, params (string, string)[] attributes) => new()
    {
        Name = name,
        Histogram = new OpenTelemetry.Proto.Metrics.V1.Histogram
        {
            AggregationTemporality = AggregationTemporality.Cumulative,
            DataPoints =
            {
                new HistogramDataPoint
                {
                    TimeUnixNano = 1, Count = (ulong)bounds.Length + 1, Sum = 1, ExplicitBounds = { bounds },
                    BucketCounts = { Enumerable.Repeat(1UL, bounds.Length + 1) }, Attributes = { Pairs(attributes) },
                },
            },
        },
    };

    private static IEnumerable<KeyValue> Pairs((string Key, string Value)[] attributes) =>
        attributes.Select(static a => new KeyValue { Key = a.Key, Value = new AnyValue { StringValue = a.Value } });

    private static async Task SendAsync(PrometheusExporter exporter, (string, string)[] resource, params Metric[] metrics)
    {
        using var batch = OtlpPayloads.Batch(new ExportMetricsServiceRequest
        {
            ResourceMetrics =
            {
                new ResourceMetrics { Resource = new Resource { Attributes = { Pairs(resource) } }, ScopeMetrics = { new ScopeMetrics { Metrics = { metrics } } } },
            },
        });
        Assert.True((await exporter.ConsumeAsync(batch, CancellationToken.None)).IsAccepted);
    }

    private static string Page(PrometheusExporter exporter, bool isOpenMetrics = false)
    {
        var answer = new PageAnswer();
        exporter.Answer(
            new PageRequest("/metrics", new Dictionary<string, string>()) { Accept = isOpenMetrics ? "application/openmetrics-text" : "" }, answer);
        return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(answer.Body.WrittenSpan);
    }

    private static ExpositionPage Parse(PrometheusExporter exporter, bool isOpenMetrics = false) =>
        ExpositionPage.Parse(Page(exporter, isOpenMetrics), isOpenMetrics);

    private PrometheusExporter Exporter(params string[] settings)
    {
        var yaml = string.Join('\n', settings.Prepend("endpoint: localhost:0"));
        Assert.True(YamlReader.TryRead(yaml, "test", out var node, out var error), error?.ToString());
        return (PrometheusExporter)new PrometheusFactory().Create(
            _harness.Context("prometheus"), ProcessorHarness.Config<PrometheusConfig>(new PrometheusFactory(), node));
    }

    private double Dropped(string reason) => _harness.Metric("otelcol_exporter_prometheus_dropped_points", reason);

    private double Counted() =>
        _harness.Metric("otelcol_exporter_prometheus_dropped_points") + _harness.Metric("otelcol_exporter_sent_metric_points");
}
