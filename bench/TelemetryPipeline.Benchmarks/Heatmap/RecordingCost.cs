using System.Globalization;
using TelemetryPipeline.Heatmap;

namespace TelemetryPipeline.Benchmarks.Heatmap;

/// <summary>
/// CPU time and allocation of counting one span in the grid, its series known, on one thread and on sixteen that contend:
/// for a machine that does other things too, where wall-clock time says little. Printed are quantiles of the rounds.
/// </summary>
public static class RecordingCost
{
    private const int Rounds = 41;
    private const int SpansARound = 1_600_000;
    private const int SpansHeld = 100;
    private const int SeriesCount = 51;

    // A power of two: finding the next span must cost nothing beside counting it.
    private const int SpansMade = 4096;
    private const long Now = 1_800_000_000;

    /// <summary>Measures and prints.</summary>
    public static void Print()
    {
        var grid = new LatencyGrid(32 << 20, exemplars: new ExemplarStore(10 << 20));
        grid.Advance(Now);
        var random = new Random(1);
        var spans = new LatencyExemplar[SpansMade];
        var series = new int[SpansMade];
        for (var i = 0; i < SpansMade; i++)
        {
            series[i] = grid.Series(string.Create(CultureInfo.InvariantCulture, $"series {i % SeriesCount}"));
            var latency = (long)(5e6 * Math.Exp(random.NextDouble() * 4));
            var end = (ulong)((Now * 1_000_000_000) + random.NextInt64(1_000_000_000));
            spans[i] = new LatencyExemplar((ulong)i + 1, (ulong)i, (ulong)i, end, latency, random.Next(100) == 0);
        }

        foreach (var threads in (int[])[1, 16])
        {
            var costs = new double[Rounds];
            var bytes = 0L;
            Round(grid, series, spans, threads, ref bytes);
            Thread.Sleep(500); // compiled code gets its final form in the background
            bytes = 0;
            for (var round = 0; round < Rounds; round++)
            {
                costs[round] = Round(grid, series, spans, threads, ref bytes);
            }

            Array.Sort(costs);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{threads,2} threads: ns of CPU a span: least {costs[0]:0.0}, median {costs[Rounds / 2]:0.0}, greatest {costs[^1]:0.0}; {bytes / (double)((long)Rounds * SpansARound):0.000} bytes a span"));
        }
    }

    private static double Round(LatencyGrid grid, int[] series, LatencyExemplar[] spans, int threadCount, ref long bytes)
    {
        var allocated = 0L;
        var threads = new Thread[threadCount];
        for (var i = 0; i < threads.Length; i++)
        {
            var first = i * 251;
            threads[i] = new Thread(() =>
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                Record(grid, series, spans, first, SpansARound / threadCount);
                Interlocked.Add(ref allocated, GC.GetAllocatedBytesForCurrentThread() - before);
            });
        }

        var cpu = Environment.CpuUsage.TotalTime;
        foreach (var thread in threads)
        {
            thread.Start();
        }

        foreach (var thread in threads)
        {
            thread.Join();
        }

        bytes += allocated;
        return (Environment.CpuUsage.TotalTime - cpu).TotalNanoseconds / SpansARound;
    }

    private static void Record(LatencyGrid grid, int[] series, LatencyExemplar[] spans, int first, int count)
    {
        for (var done = 0; done < count; done += SpansHeld)
        {
            using var writer = grid.Write();
            for (var i = 0; i < SpansHeld; i++)
            {
                var at = (first + done + i) & (SpansMade - 1);
                writer.Record(series[at], spans[at]);
            }
        }
    }
}
