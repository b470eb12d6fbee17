using System.Linq;
using CsCheck;
using Google.Protobuf;
using Google.Protobuf.Collections;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Editing;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Otlp;

/// <summary>Parts of random requests, against the same parts made with types generated from the .proto files.</summary>
public sealed class RequestCutterTests
{
    private const int Places = 3;

    [Fact]
    public void Cut_AnyRequestOfAnySignal_HoldsTheItemsOfThePlaceAndWhatIsAboveThem() =>
        Gen.Select(OtlpGenerators.AnyRequest, Gen.Int).Sample((generated, seed) =>
        {
            var request = generated.Request;
            using var batch = OtlpPayloads.Batch(request, request);
            var random = new Random(seed);
            var places = Enumerable.Range(0, batch.ItemCount).Select(_ => random.Next(Places)).ToArray();
            for (var place = 0; place < Places; place++)
            {
                var chunk = RequestCutter.Copy(batch, places, place);
                try
                {
                    Assert.True(OtlpRequest.TryValidate(batch.Signal, chunk.Bytes, out var items, out var error), error.ToString());
                    Assert.Equal(places.Count(p => p == place), items);
                    Assert.Equal(items, chunk.ItemCount);
                    var cut = OtlpPayloads.Empty(batch.Signal);
                    cut.MergeFrom(chunk.Bytes.ToArray());
                    Assert.Equal(Expected(OtlpPayloads.Parse(batch), places, place), cut);
                }
                finally
                {
                    chunk.Release();
                }
            }
        });

    private static IMessage Expected(IMessage request, int[] places, int place)
    {
        var next = 0;
        bool Keep() => places[next++] == place;
        switch (request)
        {
            case ExportTraceServiceRequest traces:
                Filter(traces.ResourceSpans, r => Filter(r.ScopeSpans, s => Filter(s.Spans, _ => Keep())));
                break;
            case ExportLogsServiceRequest logs:
                Filter(logs.ResourceLogs, r => Filter(r.ScopeLogs, s => Filter(s.LogRecords, _ => Keep())));
                break;
            case ExportMetricsServiceRequest metrics:
                Filter(metrics.ResourceMetrics, r => Filter(r.ScopeMetrics, s => Filter(s.Metrics, m =>
                    (m.Gauge is { } gauge && Filter(gauge.DataPoints, _ => Keep()))
                    || (m.Sum is { } sum && Filter(sum.DataPoints, _ => Keep()))
                    || (m.Histogram is { } histogram && Filter(histogram.DataPoints, _ => Keep()))
                    || (m.ExponentialHistogram is { } exponential && Filter(exponential.DataPoints, _ => Keep()))
                    || (m.Summary is { } summary && Filter(summary.DataPoints, _ => Keep())))));
                break;
            default:
                throw new ArgumentException("unknown request", nameof(request));
        }

        return request;
    }

    /// <summary>Keeps what a test says; tells whether anything is left.</summary>
    private static bool Filter<T>(RepeatedField<T> list, Func<T, bool> keep)
    {
        var kept = list.Where(keep).ToList();
        list.Clear();
        list.AddRange(kept);
        return kept.Count > 0;
    }
}
