using BenchmarkDotNet.Attributes;
using TelemetryPipeline.Heatmap;

namespace TelemetryPipeline.Benchmarks.Heatmap;

/// <summary>What counting one span in the grid costs, its series known: times are for a span.</summary>
[MemoryDiagnoser]
public class LatencyGridBenchmarks
{
    private const int SpansEach = 100_000;
    private const int SpansHeld = 100;
    private const int ThreadCount = 16;
    private const long Now = 1_800_000_000;

    private readonly LatencyExemplar[] _spans = new LatencyExemplar[4096];
    private readonly int[] _series = new int[51];
    private LatencyGrid _grid = null!;

    [GlobalSetup]
    public void Setup()
    {
        _grid = new LatencyGrid(32 << 20, exemplars: new ExemplarStore(10 << 20));
        _grid.Advance(Now);
        for (var i = 0; i < _series.Length; i++)
        {
            _series[i] = _grid.Series($"series {i}");
        }

        var random = new Random(1);
        for (var i = 0; i < _spans.Length; i++)
        {
            var latency = (long)(5e6 * Math.Exp(random.NextDouble() * 4));
            var end = (ulong)((Now * 1_000_000_000) + random.NextInt64(1_000_000_000));
            _spans[i] = new LatencyExemplar((ulong)i + 1, (ulong)i, (ulong)i, end, latency, random.Next(100) == 0);
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = SpansEach)]
    public void Count() => Run(withExemplars: false, 0);

    [Benchmark(OperationsPerInvoke = SpansEach)]
    public void CountWithExemplars() => Run(withExemplars: true, 0);

    /// <summary>Sixteen threads at once; wall-clock time for a span, of all threads together.</summary>
    [Benchmark(OperationsPerInvoke = SpansEach * ThreadCount)]
    public void CountWithExemplarsOnSixteenThreads()
    {
        var threads = new Thread[ThreadCount];
        for (var i = 0; i < threads.Length; i++)
        {
            var first = i * 251;
            threads[i] = new Thread(() => Run(withExemplars: true, first));
            threads[i].Start();
        }

        foreach (var thread in threads)
        {
            thread.Join();
        }
    }

    private void Run(bool withExemplars, int first)
    {
        for (var done = 0; done < SpansEach; done += SpansHeld)
        {
            using var writer = _grid.Write();
            for (var i = 0; i < SpansHeld; i++)
            {
                var at = first + done + i;
                ref readonly var span = ref _spans[at % _spans.Length];
                var series = _series[at % _series.Length];
                if (withExemplars)
                {
                    writer.Record(series, span);
                }
                else
                {
                    writer.Record(series, span.EndNs, span.LatencyNs);
                }
            }
        }
    }
}
