using BenchmarkDotNet.Attributes;
using TelemetryPipeline.Attribution.Rules;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.TestSupport.Otlp;
using TelemetryPipeline.TestSupport.Rules;

namespace TelemetryPipeline.Benchmarks.Attribution;

/// <summary>
/// What rules cost for a span that hits none of them, over whole transfers of 17 services. The batch's index and slots
/// are there already in <see cref="Match"/>, as they are behind enrichment; <see cref="MatchWithSlots"/> pays for the slots.
/// </summary>
[MemoryDiagnoser]
public class RuleMatcherBenchmarks : IDisposable
{
    private const int Transfers = 59;
    private const int Spans = Transfers * 17;

    private RuleSet _rules = null!;
    private RuleMatcher _matcher = null!;
    private OtlpBatch _batch = null!;
    private OtlpChunk _chunk = null!;
    private ulong[] _words = null!;

    /// <summary>Rules in the set: of ten, seven ask for a code, one for a service, one for a channel, one for a name.</summary>
    [Params(20, 1000)]
    public int Rules { get; set; }

    /// <summary>Whether the transfers fail, so that verdict and code are there.</summary>
    [Params(false, true)]
    public bool Failing { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var result = RuleFiles.LoadTexts([("rules.yaml", ManyRules.Text(Rules))], new AttributeSlots());
        _rules = result.Rules ?? throw new InvalidOperationException(string.Join('\n', result.Errors));
        _matcher = _rules.CreateMatcher();
        _words = new ulong[PredicateHits.WordsFor(_rules.PredicateCount)];
        _chunk = OtlpPayloads.Chunk(new TransferTraces().Request(Transfers, Failing));
        _batch = new OtlpBatch(Signal.Traces);
        _batch.Append(_chunk.Retain());
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _batch.Dispose();
        _chunk.Release();
        GC.SuppressFinalize(this);
    }

    [Benchmark(OperationsPerInvoke = Spans)]
    public int Match() => MatchAll(_batch);

    [Benchmark(OperationsPerInvoke = Spans)]
    public int MatchWithSlots()
    {
        using var batch = new OtlpBatch(Signal.Traces);
        batch.Append(_chunk.Retain());
        return MatchAll(batch);
    }

    private int MatchAll(OtlpBatch batch)
    {
        var hit = 0;
        var view = batch.View(0);
        foreach (ref readonly var span in view.Spans)
        {
            hit += _matcher.Match(view, span, new PredicateHits(_words)) ? 1 : 0;
        }

        _matcher.Reset();
        return hit;
    }
}
