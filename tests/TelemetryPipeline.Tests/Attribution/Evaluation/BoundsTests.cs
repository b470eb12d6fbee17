using System.Linq;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Resource.V1;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.Attribution;
using TelemetryPipeline.Attribution.Evaluation;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Attribution.Evaluation;

/// <summary>What is kept is bounded, and what makes room is counted.</summary>
public sealed class BoundsTests
{
    [Fact]
    public void Take_AMillionOpenTraces_KeepsTheBoundAndLosesNothingElse()
    {
        const int Traces = 1_000_000;
        const int Failing = 1000; // one of so many
        const int TracesMax = 20_000;
        var harness = new AttributionHarness(
            settings: new AttributionSettings { TracesMax = TracesMax, BytesMax = 32 << 20, Shards = 8, DecisionWait = TimeSpan.FromMinutes(5) });
        for (var first = 1; first <= Traces; first += 10_000)
        {
            harness.Send(OneService(Enumerable.Range(first, 10_000).Select(n => n % Failing == 0
                ? harness.Refused((ulong)n, 3, 2).Build()
                : harness.Span("book", (ulong)n, 3, 2).Build())));
            Assert.InRange(harness.Metric("open_traces"), 1, TracesMax);
            Assert.InRange(harness.Metric("memory_bytes"), 1, harness.Metric("memory_limit_bytes"));
        }

        Assert.Equal(Traces / Failing, harness.Events.Count);
        Assert.Equal(Traces, harness.Metric("spans"));
        Assert.Equal(Traces - harness.Metric("open_traces"), harness.Metric("evicted_traces"));
        Assert.Equal(harness.Metric("evicted_traces"), harness.Metric("decided_traces", "evicted"));
        Assert.Equal(0, harness.Metric("unstored_spans"));
        harness.Flush();
        Assert.Equal(0, harness.Metric("open_traces"));
        Assert.Equal(0, harness.Metric("stored_spans"));
        Assert.Equal(Traces, harness.Metric("decided_traces", "trigger"));
    }

    [Fact]
    public void Take_MoreSpansThanMemory_MakesRoomAndCountsIt()
    {
        var harness = new AttributionHarness(settings: new AttributionSettings { BytesMax = 16 << 20, Shards = 8, TracesMax = 1_000_000 });
        for (var trace = 1UL; trace <= 1000; trace++)
        {
            harness.Send(OneService(Enumerable.Range(1, 500).Select(n => harness.Span("book", trace, (ulong)n, (ulong)n / 2).Build())));
        }

        Assert.InRange(harness.Metric("memory_bytes"), 1, 16 << 20);
        Assert.Equal(harness.Metric("evicted_traces"), harness.Metric("evicted_traces", "max_bytes"));
        Assert.Equal(1000, harness.Metric("evicted_traces") + harness.Metric("open_traces"));
        Assert.Equal(500 * harness.Metric("open_traces"), harness.Metric("stored_spans"));
    }

    [Fact]
    public void Take_EverySpanFails_EventsAreBoundedToo()
    {
        var harness = new AttributionHarness(settings: new AttributionSettings { BytesMax = 16 << 20, Shards = 8, DecisionWait = TimeSpan.FromMinutes(5) });
        for (var first = 1; first <= 40_000; first += 1000)
        {
            harness.Send(OneService(Enumerable.Range(first, 1000).Select(n => harness.Refused((ulong)n, 3, 2).Build())));
            Assert.InRange(harness.Metric("memory_bytes"), 1, 16 << 20);
        }

        Assert.Equal(40_000, harness.Events.Count);
        Assert.Equal(40_000, harness.Metric("evicted_traces") + harness.Metric("open_traces"));
    }

    [Fact]
    public void Take_HealthySpansInSteadyState_AllocatesNothingForASpan()
    {
        var time = new SteppedTime();
        var attributor = new Attributor(new AttributionSettings { Shards = 8 }, time, new EvaluationMetrics(new MetricRegistry(), "a"));
        attributor.Use(AttributionHarness.Rules(AttributionHarness.InsufficientBalance));
        using var batch = OtlpPayloads.Batch(new TransferTraces(1).Request(60));

        // From the second round on, pages, tables and names of this load are there; pools may be emptied by other tests.
        var least = long.MaxValue;
        for (var round = 0; round < 30; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Null(attributor.Take(batch));
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);

            // Decided, then forgotten, so that the next round opens the traces again.
            for (var step = 0; step < 2; step++)
            {
                time.Now += TimeSpan.FromSeconds(20);
                attributor.Tick();
            }

            Assert.Equal(0, attributor.Parts.Shards.Sum(s => s.OpenCount + s.DecidedCount));
        }

        Assert.Equal(0, least);
    }

    [Fact]
    public void Tick_ADayOfTransfers_DoesNotGrow()
    {
        var harness = new AttributionHarness();
        var sizes = new List<double>();
        for (var hour = 0; hour < 24; hour++)
        {
            for (var minute = 0; minute < 60; minute++)
            {
                harness.Send(OneService(Enumerable.Range(0, 50).Select(n => (n % 10 == 0
                    ? harness.Refused((ulong)((((hour * 60) + minute) * 100) + n + 1), 3, 0)
                    : harness.Span("book", (ulong)((((hour * 60) + minute) * 100) + n + 1), 3)).Build())));
                harness.Time.Advance(TimeSpan.FromSeconds(30));
                harness.Attributor.Tick()?.Release();
                harness.Time.Advance(TimeSpan.FromSeconds(30));
                harness.Attributor.Tick()?.Release();
            }

            sizes.Add(harness.Metric("memory_bytes"));
            Assert.Equal(0, harness.Metric("open_traces") + harness.Metric("decided_traces_held"));
            harness.Events.Clear();
        }

        Assert.Equal(sizes[0], sizes[^1]);
        Assert.Equal(24 * 60 * 5, harness.Metric("rule_events"));
    }

    private sealed class SteppedTime : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeSeconds(AttributionHarness.Now) + Now;
    }

    private static ExportTraceServiceRequest OneService(IEnumerable<Span> spans) => new()
    {
        ResourceSpans =
        {
            new ResourceSpans
            {
                Resource = new Resource { Attributes = { AttributionHarness.Attribute("service.name", "balance-ledger") } },
                ScopeSpans = { new ScopeSpans { Spans = { spans } } },
            },
        },
    };
}
