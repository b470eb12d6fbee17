using System.Linq;
using CsCheck;
using TelemetryPipeline.Heatmap;

namespace TelemetryPipeline.Tests.Heatmap;

/// <summary>Whatever comes in whatever order: nothing is lost, nothing is invented.</summary>
public sealed class LatencyGridProperties
{
    private const long Start = 1_800_000_000;

    private static readonly double[] Quantiles = [0.5, 0.9, 0.95, 0.99];

    private static readonly Gen<(int Series, long Second, long LatencyNs)> Offered = Gen.Select(
        Gen.Int[1, 4],
        Gen.Frequency((8, Gen.Long[-6, 1]), (2, Gen.Long[-4000, 10]), (1, Gen.Long[-3601, -3598])),
        Gen.Frequency(
            (8, Gen.Long[0, 700_000_000]),
            (1, Gen.Long[-5, 5]),
            (1, Gen.Long[0, long.MaxValue]),
            (1, Gen.Long[0, 59].Select(b => b * LatencyBuckets.BucketWidthNs))));

    [Fact]
    public void Record_AnyStreamOnAnyThreads_CellsAndRefusalsAddUpToWhatWasOffered() =>
        Gen.Select(Offered.Array[1, 300], Gen.Int[1, 16], Gen.Int[0, 7300]).Sample((spans, threads, later) =>
        {
            var grid = new LatencyGrid(1 << 30);
            grid.Advance(Start);
            var ids = new int[5];
            for (var i = 1; i < ids.Length; i++)
            {
                ids[i] = grid.Series($"series {i}");
            }

            Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, thread =>
            {
                for (var i = thread; i < spans.Length; i += threads)
                {
                    using var writer = grid.Write();
                    writer.Record(ids[spans[i].Series], (ulong)(Start + spans[i].Second) * 1_000_000_000, spans[i].LatencyNs);
                }
            });
            grid.Flush();
            Assert.Equal(spans.Length, Offers(grid));
            Assert.Equal(Expected(spans), Cells(grid, Start));
            Assert.Equal(Expected(spans), Folded(grid));

            grid.Advance(Start + later);
            Assert.Equal(
                grid.CountOf(GridOutcome.Counted),
                Cells(grid, Start + later).Values.Sum() + grid.ExpiredCount());
        });

    [Fact]
    public void EncodeAndAdd_AnyColumn_GivesItBack() =>
        Gen.Select(
            Gen.Frequency((3, Gen.Const(0UL)), (2, Gen.ULong[1, 300]), (1, Gen.ULong)).Array[LatencyBuckets.SlotCount],
            Gen.Long[0, long.MaxValue]).Sample((counts, slowest) =>
        {
            var column = new DenseColumn { SlowestNs = slowest };
            counts.CopyTo(column.Counts);
            Span<byte> encoded = new byte[CompactColumn.SizeBytesMax];
            var size = CompactColumn.Encode(column, encoded);
            var back = new DenseColumn();
            CompactColumn.AddTo(encoded[..size], back);
            Assert.Equal(counts, back.Counts.ToArray());
            Assert.Equal(slowest, back.SlowestNs);
        });

    [Fact]
    public void Quantile_AnyLatencies_IsWithinOneSlotOfTheTrueOne() =>
        Gen.Select(Gen.Long[0, 1_500_000_000].Array[1, 400], Gen.Int[0, 3].Select(i => Quantiles[i])).Sample((latencies, q) =>
        {
            var column = new DenseColumn();
            foreach (var latency in latencies)
            {
                column.Counts[LatencyBuckets.SlotOf(latency)]++;
                column.SlowestNs = Math.Max(column.SlowestNs, latency);
            }

            Array.Sort(latencies);
            var truth = latencies[Math.Max(0, (int)Math.Ceiling(q * latencies.Length) - 1)];
            var slot = LatencyBuckets.SlotOf(truth);
            var found = LatencyQuantiles.Of(column, q)!.Value;
            Assert.InRange(found, LatencyBuckets.LowerBoundNs(slot), LatencyBuckets.LowerBoundNs(slot + 1));
        });

    private static SortedDictionary<(int, long, int), long> Expected((int Series, long Second, long LatencyNs)[] spans)
    {
        var cells = new SortedDictionary<(int, long, int), long>();
        foreach (var (series, second, latency) in spans)
        {
            if (latency >= 0 && second is <= 2 and > -LatencyGrid.ColumnCount)
            {
                var cell = (series, Start + second, (int)Math.Min(latency / 10_000_000, 59));
                cells[cell] = cells.GetValueOrDefault(cell) + 1;
            }
        }

        return cells;
    }

    private static SortedDictionary<(int, long, int), long> Cells(LatencyGrid grid, long now)
    {
        var cells = new SortedDictionary<(int, long, int), long>();
        for (var series = 0; series < grid.SeriesCount; series++)
        {
            for (var second = now - LatencyGrid.ColumnCount - 5; second <= now + 5; second++)
            {
                var column = new DenseColumn();
                if (grid.Read(series, second, column))
                {
                    AddTo(cells, series, second, column);
                }
            }
        }

        return cells;
    }

    private static SortedDictionary<(int, long, int), long> Folded(LatencyGrid grid)
    {
        var cells = new SortedDictionary<(int, long, int), long>();
        for (var series = 0; series < grid.SeriesCount; series++)
        {
            foreach (var (second, change) in grid.TakeChanges(series))
            {
                AddTo(cells, series, second, change);
            }
        }

        return cells;
    }

    private static void AddTo(SortedDictionary<(int, long, int), long> cells, int series, long second, DenseColumn column)
    {
        for (var bucket = 0; bucket < LatencyBuckets.BucketCount; bucket++)
        {
            if (column.InBucket(bucket) is var count and > 0)
            {
                cells[(series, second, bucket)] = cells.GetValueOrDefault((series, second, bucket)) + (long)count;
            }
        }
    }

    private static long Offers(LatencyGrid grid) =>
        grid.CountOf(GridOutcome.Counted) + grid.CountOf(GridOutcome.TooOld)
        + grid.CountOf(GridOutcome.Future) + grid.CountOf(GridOutcome.Negative);
}
