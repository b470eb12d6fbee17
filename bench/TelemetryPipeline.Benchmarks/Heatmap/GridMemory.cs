using System.Globalization;
using TelemetryPipeline.Heatmap;

namespace TelemetryPipeline.Benchmarks.Heatmap;

/// <summary>
/// Memory of 17 nodes x 3 span kinds after an hour of load in simulated time, beside the naive 60 x 3600 x 4 bytes for
/// each. Latencies are log-normal about 40 ms, a tenth of the nodes' spans an order slower; one in a hundred fails.
/// </summary>
public static class GridMemory
{
    private const int SeriesCount = 51;
    private const int SpansPerSecond = 400;
    private const long Start = 1_800_000_000;
    private const double Mebibyte = 1 << 20;

    public static void Print()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var grid = new LatencyGrid((42 << 20) * 11L / 16, exemplars: new ExemplarStore((42 << 20) / 4));
        Fill(grid);
        var taken = GC.GetTotalMemory(forceFullCollection: true) - before;
        var exemplars = grid.Exemplars;
        Line("heap after the hour", taken);
        Line("of which grid, by its own account", grid.SizeBytes);
        Line("of which exemplars, by their own account", exemplars.SizeBytes);
        Line("naive, without exemplars", SeriesCount * 60L * LatencyGrid.ColumnCount * sizeof(uint));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"seconds kept {grid.NowSecond - grid.OldestSecond + 1}, exemplars kept {exemplars.Count}, made room {exemplars.EvictedCount}"));
        GC.KeepAlive(grid);
    }

    private static void Fill(LatencyGrid grid)
    {
        var random = new Random(1);
        for (var second = Start; second < Start + LatencyGrid.ColumnCount; second++)
        {
            grid.Advance(second);
            for (var series = 1; series <= SeriesCount; series++)
            {
                var id = grid.Series(string.Create(CultureInfo.InvariantCulture, $"series {series}"));
                using var writer = grid.Write();
                for (var i = 0; i < SpansPerSecond; i++)
                {
                    writer.Record(id, Span(random, second));
                }
            }

            grid.Flush();
            for (var series = 0; series < grid.SeriesCount; series++)
            {
                grid.TakeChanges(series);
            }

            grid.Exemplars.TakeChanges();
        }
    }

    private static LatencyExemplar Span(Random random, long second)
    {
        var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        var latency = (random.Next(10) == 0 ? 4e8 : 4e7) * Math.Exp(0.5 * normal);
        var end = ((ulong)second * 1_000_000_000) + (ulong)random.NextInt64(1_000_000_000);
        return new LatencyExemplar((ulong)random.NextInt64(), 1, 1, end, (long)latency, random.Next(100) == 0);
    }

    private static void Line(string what, long bytes) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-42} {bytes / Mebibyte,8:0.0} MiB"));
}
