using System.Linq;
using CsCheck;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Metrics.V1;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Schema;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Otlp;

public sealed class MetricPointViewTests
{
    [Fact]
    public void Point_OfGeneratedMetrics_ReadsWhatTheOracleReads() => OtlpGenerators.AnyRequest.Sample(
        static generated =>
        {
            if (generated.Request is not ExportMetricsServiceRequest request)
            {
                return;
            }

            using var batch = OtlpPayloads.Batch(request);
            var view = batch.View(0);
            var points = request.ResourceMetrics.SelectMany(r => r.ScopeMetrics).SelectMany(s => s.Metrics)
                .SelectMany(m => Oracle.Points(m).Select(p => (Metric: m, Point: p))).ToList();
            for (var i = 0; i < points.Count; i++)
            {
                Assert.Equal(TemporalityOf(points[i].Metric), (int)view.Temporality(view.ItemNodes[i]));
                Assert.Equal(points[i].Metric.Sum?.IsMonotonic ?? false, view.IsMonotonic(view.ItemNodes[i]));
                Compare(points[i].Point, view.Point(view.ItemNodes[i]));
            }
        },
        iter: 300);

    [Fact]
    public void BucketCounts_UnpackedAndPacked_AreReadInOrder()
    {
        // bucket_counts = 6: 7 alone, [8, 9] packed
        byte[] point =
        [
            (6 << 3) | 1, 7, 0, 0, 0, 0, 0, 0, 0,
            (6 << 3) | 2, 16, 8, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0,
        ];
        using var batch = OtlpPayloads.Batch(new ExportMetricsServiceRequest
        {
            ResourceMetrics =
            {
                new ResourceMetrics
                {
                    ScopeMetrics =
                    {
                        new ScopeMetrics
                        {
                            Metrics = { new Metric { Histogram = new Histogram { DataPoints = { HistogramDataPoint.Parser.ParseFrom(point) } } } },
                        },
                    },
                },
            },
        });

        Assert.Equal([7UL, 8, 9], All(batch.View(0).Point(batch.View(0).ItemNodes[0]).BucketCounts));
    }

    [Fact]
    public void Finish_OfABuiltRequest_IsWhatTheOracleReads()
    {
        using var builder = new OtlpRequestBuilder(16);
        var resource = builder.BeginMessage(OtlpFields.Request.Resources);
        var scope = builder.BeginMessage(OtlpFields.ResourceEnvelope.Scopes);
        var metric = builder.BeginMessage(OtlpFields.ScopeEnvelope.Items);
        builder.WriteText(OtlpFields.Metric.Name, new string('n', 300));
        var gauge = builder.BeginMessage(new OtlpField(5));
        var point = builder.BeginMessage(new OtlpField(1));
        builder.WriteFixed64(new OtlpField(3), 5);
        builder.WriteDouble(new OtlpField(4), 1.5);
        builder.WriteAttribute(new OtlpField(7), "node"u8, "ledger"u8);
        builder.WriteAttribute(new OtlpField(7), "failed"u8, true);
        builder.WriteVarint(new OtlpField(8), 1);
        builder.EndMessage(point);
        builder.EndMessage(gauge);
        builder.EndMessage(metric);
        builder.EndMessage(scope);
        builder.EndMessage(resource);
        using var batch = new OtlpBatch(builder.Finish(Signal.Metrics, 1));

        var built = OtlpPayloads.Metrics(batch).ResourceMetrics[0].ScopeMetrics[0].Metrics[0];

        Assert.Equal(300, built.Name.Length);
        var read = built.Gauge.DataPoints[0];
        Assert.Equal((5UL, 1.5, 1u), (read.TimeUnixNano, read.AsDouble, read.Flags));
        Assert.Equal("ledger", read.Attributes[0].Value.StringValue);
        Assert.True(read.Attributes[1].Value.BoolValue);
        Assert.True(OtlpRequest.TryValidate(Signal.Metrics, batch.Chunks[0].Bytes, out var items, out _));
        Assert.Equal(1, items);
    }

    private static int TemporalityOf(Metric metric) => Known(metric.DataCase switch
    {
        Metric.DataOneofCase.Sum => (int)metric.Sum.AggregationTemporality,
        Metric.DataOneofCase.Histogram => (int)metric.Histogram.AggregationTemporality,
        Metric.DataOneofCase.ExponentialHistogram => (int)metric.ExponentialHistogram.AggregationTemporality,
        _ => 0,
    });

    // A value that OTLP does not define says nothing.
    private static int Known(int temporality) => temporality > 2 ? 0 : temporality;

    private static void Compare(IMessage expected, MetricPointView point)
    {
        switch (expected)
        {
            case NumberDataPoint number:
                Assert.Equal((number.StartTimeUnixNano, number.TimeUnixNano), (point.StartNs, point.TimeNs));
                Assert.Equal(number.ValueCase != NumberDataPoint.ValueOneofCase.None, point.HasValue);
                Assert.Equal(number.HasAsInt ? number.AsInt : number.AsDouble, point.Value);
                Assert.Equal((number.Flags & 1) == 0, point.HasRecordedValue);
                Assert.Equal(number.Exemplars.Select(e => e.TimeUnixNano), Times(point));
                break;
            case HistogramDataPoint histogram:
                Assert.Equal((histogram.StartTimeUnixNano, histogram.TimeUnixNano), (point.StartNs, point.TimeNs));
                Assert.Equal(histogram.Count, point.Count);
                Assert.Equal(histogram.HasSum ? histogram.Sum : null, point.Sum);
                Assert.Equal(histogram.HasMin ? histogram.Min : null, point.Min);
                Assert.Equal(histogram.HasMax ? histogram.Max : null, point.Max);
                Assert.Equal(histogram.BucketCounts, All(point.BucketCounts));
                Assert.Equal(histogram.ExplicitBounds.Select(BitConverter.DoubleToUInt64Bits), All(point.ExplicitBounds));
                Assert.Equal((histogram.Flags & 1) == 0, point.HasRecordedValue);
                Assert.Equal(histogram.Exemplars.Select(e => e.TimeUnixNano), Times(point));
                break;
            case ExponentialHistogramDataPoint exponential:
                Assert.Equal((exponential.Count, exponential.ZeroCount), (point.Count, point.ZeroCount));
                Assert.Equal((exponential.Scale, exponential.ZeroThreshold), (point.Scale, point.ZeroThreshold));
                Assert.Equal(exponential.HasMin ? exponential.Min : null, point.Min);
                Assert.Equal(exponential.HasMax ? exponential.Max : null, point.Max);
                Assert.Equal(exponential.Positive?.BucketCounts.ToArray() ?? [], All(point.Positive.Counts));
                Assert.Equal(exponential.Negative?.BucketCounts.ToArray() ?? [], All(point.Negative.Counts));
                Assert.Equal(exponential.Positive?.Offset ?? 0, point.Positive.Offset);
                Assert.Equal((exponential.Flags & 1) == 0, point.HasRecordedValue);
                Assert.Equal(exponential.Exemplars.Select(e => e.TimeUnixNano), Times(point));
                break;
            case SummaryDataPoint summary:
                Assert.Equal((summary.Count, (double?)summary.Sum), (point.Count, point.Sum ?? 0));
                Assert.Equal(summary.QuantileValues.Select(q => (q.Quantile, q.Value)), All(point.Quantiles));
                break;
            default:
                Assert.Fail(expected.Descriptor.FullName);
                break;
        }
    }

    private static List<ulong> All(MetricNumbers numbers)
    {
        var all = new List<ulong>();
        foreach (var number in numbers)
        {
            all.Add(number);
        }

        return all;
    }

    private static List<(double Quantile, double Value)> All(SummaryQuantiles quantiles)
    {
        var all = new List<(double, double)>();
        foreach (var quantile in quantiles)
        {
            all.Add(quantile);
        }

        return all;
    }

    private static List<ulong> Times(MetricPointView point)
    {
        var all = new List<ulong>();
        foreach (var exemplar in point.Exemplars)
        {
            all.Add(exemplar.TimeNs);
        }

        return all;
    }
}
