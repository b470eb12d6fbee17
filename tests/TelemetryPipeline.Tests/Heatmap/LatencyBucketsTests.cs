using TelemetryPipeline.Heatmap;

namespace TelemetryPipeline.Tests.Heatmap;

public sealed class LatencyBucketsTests
{
    [Fact]
    public void SlotOf_EveryBound_BelongsToTheSlotAboveIt()
    {
        for (var slot = 0; slot < LatencyBuckets.SlotCount; slot++)
        {
            var from = LatencyBuckets.LowerBoundNs(slot);
            Assert.Equal(slot, LatencyBuckets.SlotOf(from));
            Assert.Equal(slot, LatencyBuckets.SlotOf(LatencyBuckets.LowerBoundNs(slot + 1) - 1));
        }
    }

    [Theory]
    [InlineData(0L, 0)]
    [InlineData(9_999_999L, 0)]
    [InlineData(10_000_000L, 1)]
    [InlineData(589_999_999L, 58)]
    [InlineData(590_000_000L, 59)]
    [InlineData(3_600_000_000_000L, 59)]
    public void BucketOfSlot_Latency_IsTheTenMillisecondsItFallsInto(long latencyNs, int bucket) =>
        Assert.Equal(bucket, LatencyBuckets.BucketOfSlot(LatencyBuckets.SlotOf(latencyNs)));

    [Fact]
    public void Series_BeyondTheBudget_FoldIntoTheOverflowSeries()
    {
        var grid = new LatencyGrid(new LatencyGrid(42 << 20).SeriesSizeBytesExpected * 3);
        Assert.Equal(1, grid.Series("a"));
        Assert.Equal(2, grid.Series("b"));
        Assert.Equal(LatencyGrid.OverflowSeries, grid.Series("c"));
        Assert.Equal(1, grid.Series("a"));
    }
}
