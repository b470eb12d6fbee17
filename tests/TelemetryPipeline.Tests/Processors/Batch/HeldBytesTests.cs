using CsCheck;
using TelemetryPipeline.Processors.Batch;

namespace TelemetryPipeline.Tests.Processors.Batch;

public sealed class HeldBytesTests
{
    [Fact]
    public async Task Take_FullWithABatchUnderWay_WaitsForItsRoomInOrder()
    {
        var held = new HeldBytes(100);
        Assert.True(await held.TakeAsync(80, CancellationToken.None));
        held.BeginOffer();
        var first = held.TakeAsync(60, CancellationToken.None).AsTask();
        var second = held.TakeAsync(10, CancellationToken.None).AsTask();
        Assert.False(first.IsCompleted);
        Assert.False(second.IsCompleted, "it would fit, but another came before it");
        held.Add(-80);
        Assert.True(await first);
        Assert.True(await second);
        held.EndOffer(refused: false);
        Assert.Equal(70, held.Value);
    }

    [Fact]
    public async Task Take_FullWithNothingUnderWay_IsTurnedAwayAtOnce()
    {
        var held = new HeldBytes(100);
        Assert.True(await held.TakeAsync(100, CancellationToken.None));
        Assert.True(held.Refuses);
        Assert.False(await held.TakeAsync(1, CancellationToken.None));
        Assert.Equal(100, held.Value);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task EndOffer_NoRoomCameFree_TurnsTheWaitingAway(bool refused)
    {
        var held = new HeldBytes(100);
        Assert.True(await held.TakeAsync(100, CancellationToken.None));
        held.BeginOffer();
        var waiting = held.TakeAsync(1, CancellationToken.None).AsTask();
        held.EndOffer(refused);
        Assert.False(await waiting);
        Assert.Equal(0, held.WaiterCount);
    }

    [Fact]
    public async Task Take_CancelledWhileWaiting_LetsTheNextOnePass()
    {
        var held = new HeldBytes(100);
        using var gone = new CancellationTokenSource();
        Assert.True(await held.TakeAsync(50, CancellationToken.None));
        held.BeginOffer();
        var large = held.TakeAsync(60, gone.Token).AsTask();
        var small = held.TakeAsync(50, CancellationToken.None).AsTask();
        await gone.CancelAsync();
        Assert.False(await large);
        Assert.True(await small);
        Assert.Equal(100, held.Value);
    }

    [Fact]
    public void TakeAndGiveBack_AnyInterleaving_EndsWhereItBegan() =>
        Gen.Int[1, 60].Array[1, 80].Sample(static sizes =>
        {
            var held = new HeldBytes(100);
            var taken = 0;
            Parallel.ForEach(sizes, size =>
            {
                held.BeginOffer();
                if (held.TakeAsync(size, CancellationToken.None).AsTask().Wait(TimeSpan.FromMilliseconds(size)))
                {
                    Interlocked.Increment(ref taken);
                }

                held.EndOffer(refused: false);
            });
            Assert.True(taken > 0);
            Assert.Equal(0, held.WaiterCount);
            Assert.InRange(held.Value, 1, 100);
        }, iter: 20);
}
