using TelemetryPipeline.Heatmap;

namespace TelemetryPipeline.Tests.Heatmap;

public sealed class LatencyGridTests
{
    private const long Start = 1_800_000_000;
    private const long Mebibyte = 1 << 20;

    [Fact]
    public void Advance_ColumnsLargerThanExpected_TheOldestMakeRoomAndAreCounted()
    {
        var grid = new LatencyGrid(2 * Mebibyte);
        grid.Advance(Start);
        var series = new int[grid.SeriesMax - 1];
        for (var i = 0; i < series.Length; i++)
        {
            series[i] = grid.Series($"series {i}");
        }

        var offered = 0L;
        for (var second = Start; second < Start + 3000; second++)
        {
            grid.Advance(second);
            foreach (var one in series)
            {
                var column = new DenseColumn();
                for (var bucket = 0; bucket < LatencyBuckets.BucketCount; bucket++)
                {
                    column.Count(bucket * LatencyBuckets.BucketWidthNs, 20_000);
                }

                offered += (long)column.Total;
                grid.Add(one, second, column);
                grid.TakeChanges(one);
            }
        }

        grid.Advance(Start + 3000);
        Assert.InRange(grid.SizeBytes, 1, 2 * Mebibyte);
        Assert.InRange(grid.OldestSecond, Start + 1, Start + 3000 - 60);
        Assert.Equal(offered, Cells(grid) + grid.EvictedCount());
        Assert.Equal(GridOutcome.TooOld, grid.Place(grid.OldestSecond - 1));
    }

    [Fact]
    public void Advance_ABudgetTooSmallForAMinute_KeepsTheMinute()
    {
        var grid = new LatencyGrid(1);
        grid.Advance(Start);
        for (var second = Start; second < Start + 300; second++)
        {
            grid.Advance(second);
            var column = new DenseColumn();
            column.Count(1);
            grid.Add(LatencyGrid.OverflowSeries, second, column);
        }

        Assert.Equal(60, Start + 299 - grid.OldestSecond);
    }

    [Fact]
    public void RetireIdle_AfterAnHourWithoutASpan_GivesTheNumberToANewSeries()
    {
        var grid = new LatencyGrid(2 * Mebibyte);
        grid.Advance(Start);
        var busy = grid.Series("busy");
        var idle = grid.Series("idle");
        Record(grid, busy, Start);
        Record(grid, idle, Start);
        grid.TakeChanges(busy);
        grid.TakeChanges(idle);

        grid.Advance(Start + 3700);
        Record(grid, busy, Start + 3700);
        grid.Flush();
        grid.RetireIdle();

        Assert.Null(grid.KeyOf(idle));
        Assert.Equal(2, grid.SeriesInUse);
        Assert.Equal(idle, grid.Series("new"));
        Assert.Equal("new"u8.ToArray(), grid.KeyOf(idle));
        Assert.Equal(busy, grid.Series("busy"));
        Assert.Equal(3, grid.SeriesInUse);
    }

    [Fact]
    public void TakeChanges_NobodyTookThemInAnHour_AreDroppedAndCounted()
    {
        var grid = new LatencyGrid(2 * Mebibyte);
        grid.Advance(Start);
        Record(grid, grid.Series("one"), Start);
        grid.Advance(Start + 3600);

        Assert.Empty(grid.TakeChanges(grid.Series("one")));
        Assert.Equal(1, grid.UntakenCount());
    }

    [Fact]
    public void Record_SomeLatencies_KeepsTheirLeastGreatestAndSum()
    {
        var grid = new LatencyGrid(2 * Mebibyte);
        grid.Advance(Start);
        var series = grid.Series("one");
        foreach (var latency in (long[])[7, 3, 5_000_000_000])
        {
            using var writer = grid.Write();
            writer.Record(series, Start * 1_000_000_000UL, latency);
        }

        grid.Flush();
        var column = new DenseColumn();
        Assert.True(grid.Read(series, Start, column));
        Assert.Equal((3, 5_000_000_000, 5_000_000_010UL), (column.FastestNs, column.SlowestNs, column.SumNs));
    }

    [Fact]
    public void Exemplars_BeyondTheBudget_TheOldestMakeRoomAndFailingOnesStay()
    {
        var store = new ExemplarStore(64 * 1024);
        var grid = new LatencyGrid(64 * Mebibyte, exemplars: store);
        grid.Advance(Start);
        var series = grid.Series("ledger");
        for (var i = 0; i < 2000; i++)
        {
            using (var writer = grid.Write())
            {
                var end = (ulong)(Start - 2000 + i) * 1_000_000_000;
                writer.Record(series, new LatencyExemplar(1, (ulong)i + 1, 1, end, 5, IsFailing: i < 10));
            }

            grid.Flush();
        }

        Assert.InRange(store.SizeBytes, 1, 64 * 1024);
        var kept = new List<(int Series, LatencyExemplar Exemplar)>();
        store.Read(static (_, _) => true, kept);
        Assert.Equal(10, kept.FindAll(static e => e.Exemplar.IsFailing).Count);
        Assert.Equal(1990 - (kept.Count - 10), store.EvictedCount);
        Assert.Contains(kept, static e => e.Exemplar.TraceIdLow == 2000);
        Assert.DoesNotContain(kept, static e => e.Exemplar.TraceIdLow == 11);
    }

    [Fact]
    public void SizeBytes_SeventeenNodesOfThreeKindsForAnHour_StaysWithinTheBudgetWithEverySecondKept()
    {
        const long Budget = 42 * Mebibyte;
        var grid = new LatencyGrid(Budget * 11 / 16, exemplars: new ExemplarStore(Budget / 4));
        var random = new Random(1);
        var column = new DenseColumn();
        for (var second = Start; second < Start + LatencyGrid.ColumnCount; second++)
        {
            grid.Advance(second);
            for (var series = 0; series < 51; series++)
            {
                column.Clear();
                for (var i = 0; i < 40; i++)
                {
                    column.Count((long)(1e7 * Math.Exp(random.NextDouble() * 4)), 45);
                }

                grid.Add(grid.Series($"series {series}"), second, column);
                grid.TakeChanges(series + 1);
            }
        }

        Assert.Equal(LatencyGrid.ColumnCount - 1, grid.NowSecond - grid.OldestSecond);
        Assert.Equal(0, grid.EvictedCount());
        Assert.Equal(52, grid.SeriesInUse);
        Assert.InRange(grid.SizeBytes, 1, Budget * 11 / 16);
    }

    private static void Record(LatencyGrid grid, int series, long second)
    {
        using (var writer = grid.Write())
        {
            writer.Record(series, (ulong)second * 1_000_000_000, 5);
        }

        grid.Flush();
    }

    private static long Cells(LatencyGrid grid)
    {
        var total = 0L;
        var column = new DenseColumn();
        for (var series = 0; series < grid.SeriesCount; series++)
        {
            for (var second = Start - 1; second <= grid.NowSecond; second++)
            {
                column.Clear();
                total += grid.Read(series, second, column) ? (long)column.Total : 0;
            }
        }

        return total;
    }
}
