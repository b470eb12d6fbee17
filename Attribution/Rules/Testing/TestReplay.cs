using TelemetryPipeline.Attribution.Evaluation;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Attribution.Rules.Testing;

/// <summary>Sends a test's spans through the attributor itself, on a clock of its own.</summary>
internal static class TestReplay
{
    // Long enough for every trace to be decided by itself.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);
    private static readonly DateTimeOffset Begin = new(2024, 5, 21, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Runs a test.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="test">The test.</param>
    /// <returns>The events, of each the last revision, in the order they first came.</returns>
    public static IReadOnlyList<ObservedEvent> Run(RuleSet rules, RuleTest test)
    {
        var time = new SteppedTime(Begin);
        var attributor = new Attributor(new AttributionSettings { Shards = 1 }, time, new EvaluationMetrics(new MetricRegistry(), "rules test"));
        var ids = new TestIds();
        var traffic = new TestTraffic(ids, (ulong)(Begin - DateTimeOffset.UnixEpoch).Ticks * 100);
        var reader = new EventReader(ids);
        var events = new List<ObservedEvent>();
        void Emit(OtlpChunk? chunk)
        {
            if (chunk is not null)
            {
                reader.Read(chunk, events);
            }
        }

        Emit(attributor.Use(rules));
        var arrivals = TestTraffic.InOrder(test.Spans);
        var until = test.Until ?? (arrivals.Count == 0 ? TimeSpan.Zero : arrivals[^1].Arrival) + Settling;
        var next = 0;
        for (var now = TimeSpan.Zero; now <= until; now += Step)
        {
            for (; next < arrivals.Count && arrivals[next].Arrival <= now; next++)
            {
                time.MoveTo(arrivals[next].Arrival > time.Elapsed ? arrivals[next].Arrival : time.Elapsed);
                using var batch = traffic.Batch(arrivals[next].Span);
                Emit(attributor.Take(batch));
            }

            time.MoveTo(now);
            Emit(attributor.Tick());
        }

        Emit(attributor.Flush());
        return LastRevisions(events);
    }

    private static List<ObservedEvent> LastRevisions(List<ObservedEvent> events)
    {
        var last = new List<ObservedEvent>();
        foreach (var one in events)
        {
            var at = last.FindIndex(other => other.Id == one.Id);
            if (at < 0)
            {
                last.Add(one);
            }
            else
            {
                last[at] = one;
            }
        }

        return last;
    }
}
