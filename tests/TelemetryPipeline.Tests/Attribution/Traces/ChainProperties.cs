using System.Linq;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.Attribution.Evaluation;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Attribution.Traces;

/// <summary>
/// Random traces, shuffled, late, with duplicates, lost spans and circles: once all spans have come, the newest revision of
/// an event says what the naive finder says.
/// </summary>
public sealed class ChainProperties
{
    private const string Rule = """
        - id: coded
          when: {span.code: ERR_INSUFFICIENT_BALANCE}
          then: {category: funding, root_cause: balance, priority: P1}
        """;

    private const long Ms = 1_000_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Chains_RandomTraces_AgreeWithTheNaiveFinder(int part)
    {
        var seed = (Environment.TickCount & 0xFFFFFF) + part;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var harness = new AttributionHarness(Rule, new AttributionSettings { Shards = 8, TracesMax = 1_000_000, LateWait = TimeSpan.FromSeconds(20) });
        var traces = Enumerable.Range(1, 1500).ToDictionary(n => (ulong)n, _ => Trace(random, (long)harness.NowNs));
        SendShuffled(harness, traces, random);
        harness.Pass(TimeSpan.FromSeconds(45));

        var events = harness.Newest.ToDictionary(e => System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(e.Record.TraceId.Span[8..]));
        foreach (var (id, spans) in traces)
        {
            Compare(id, spans, events.GetValueOrDefault(id), seed);
        }

        Assert.Equal(traces.Values.Sum(t => new NaiveChains(t).CycleCount > 0 && t.Exists(s => s.IsMatch) ? 1 : 0), (int)harness.Metric("cyclic_traces"));
        Assert.Equal(0, harness.Metric("open_traces"));
    }

    private static void Compare(ulong trace, List<SimpleSpan> spans, EventRecord? actual, int seed)
    {
        var expected = new NaiveChains(spans).Chain(out var isComplete);
        if (expected.Count == 0)
        {
            Assert.Null(actual);
            return;
        }

        Assert.True(actual is not null, $"trace {trace} has no event, seed {seed}");
        var chain = actual.Chain.Select(step => (step.SpanId, step.Int("start_ns"))).ToList();
        Assert.True(expected.SequenceEqual(chain), $"trace {trace}, seed {seed}: expected {string.Join(" > ", expected)}, got {string.Join(" > ", chain)}");
        Assert.Equal(isComplete, actual.Bool("anomaly.chain_complete"));
        Assert.Equal("firing", actual.State);
    }

    private static List<SimpleSpan> Trace(Random random, long nowNs)
    {
        var spans = new List<SimpleSpan>();
        var count = random.Next(1, 25);
        for (var i = 0; i < count; i++)
        {
            var parent = i == 0 ? null : spans[random.Next(random.Next(4) == 0 ? 0 : Math.Max(0, i - 3), i)];
            var start = (parent?.StartNs ?? nowNs - (5000 * Ms)) + (random.Next(-30, 60) * Ms);
            var fails = random.Next(4) == 0;
            spans.Add(new SimpleSpan(
                (ulong)i + 1, parent?.Id ?? 0, start, start + (random.Next(0, 100) * Ms), random.Next(6), fails,
                fails && random.Next(2) == 0, random.Next(8) == 0));
        }

        if (random.Next(5) == 0)
        {
            // A circle: somebody above is made the child of somebody below.
            var at = random.Next(count);
            spans[at] = spans[at] with { ParentId = spans[random.Next(at, count)].Id };
        }

        if (random.Next(4) == 0)
        {
            spans.RemoveAt(random.Next(count)); // lost on the way
        }

        return spans;
    }

    // In batches over four seconds, some of it after the decision, a tenth twice.
    private static void SendShuffled(AttributionHarness harness, Dictionary<ulong, List<SimpleSpan>> traces, Random random)
    {
        var all = traces.SelectMany(t => t.Value.Select(s => (Trace: t.Key, Span: s))).ToList();
        all.AddRange(all.Where(_ => random.Next(10) == 0).ToList());
        var shuffled = all.ToArray();
        random.Shuffle(shuffled);
        foreach (var batch in shuffled.Chunk(shuffled.Length / 60))
        {
            harness.Send(AttributionHarness.Request(batch.Select(s => ($"service-{s.Span.Service}", Build(s.Trace, s.Span)))));
            harness.Pass(TimeSpan.FromMilliseconds(200));
        }
    }

    private static Span Build(ulong trace, SimpleSpan span)
    {
        var builder = new SpanBuilder("step").Trace(7, trace).Id(span.Id).Parent(span.ParentId)
            .At((ulong)span.StartNs, (ulong)span.DurationNs)
            .Kind(span.IsConsumer ? Span.Types.SpanKind.Consumer : Span.Types.SpanKind.Server);
        if (span.IsMatch)
        {
            builder.With("code", "ERR_INSUFFICIENT_BALANCE");
        }
        else if (span.HasFailed)
        {
            builder.With("status", "timeout");
        }

        return builder.Build();
    }
}
