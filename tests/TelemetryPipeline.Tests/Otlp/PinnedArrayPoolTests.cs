using CsCheck;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Tests.Otlp;

public sealed class PinnedArrayPoolTests
{
    [Theory]
    [InlineData(0, 512)]
    [InlineData(1, 512)]
    [InlineData(512, 512)]
    [InlineData(513, 1024)]
    [InlineData(46_000, 65_536)]
    [InlineData(8 << 20, 8 << 20)]
    [InlineData((8 << 20) + 1, (8 << 20) + 1)]
    public void Rent_Length_GivesTheNextPowerOfTwoOrWhatWasAskedFor(int length, int given) =>
        Assert.Equal(given, new PinnedArrayPool(1 << 20).Rent(length).Length);

    [Fact]
    public void Rent_AfterReturn_GivesTheSameArrayAndNoOtherTwice()
    {
        var pool = new PinnedArrayPool(1 << 20);
        var first = pool.Rent(1000);
        pool.Return(first);
        Assert.Equal(1024, pool.KeptBytes);
        Assert.Same(first, pool.Rent(600));
        Assert.NotSame(first, pool.Rent(600));
        Assert.Equal(0, pool.KeptBytes);
    }

    [Fact]
    public void Return_BeyondTheBound_LeavesTheArrayToTheCollector()
    {
        var pool = new PinnedArrayPool(2048);
        pool.Return(pool.Rent(1024));
        pool.Return(new byte[1024]);
        pool.Return(new byte[1024]);
        Assert.Equal(2048, pool.KeptBytes);
        pool.Return(new byte[1000]);
        Assert.Equal(2048, pool.KeptBytes);
        pool.Trim();
        Assert.Equal(0, pool.KeptBytes);
    }

    [Fact]
    public void Return_AfterTenSeconds_DropsWhatNobodyNeededMeanwhile()
    {
        var now = 0L;
        var pool = new PinnedArrayPool(1 << 20, () => now);
        var burst = new[] { pool.Rent(1024), pool.Rent(1024), pool.Rent(1024) };
        Array.ForEach(burst, array => pool.Return(array));
        now = 10_000;
        pool.Return(pool.Rent(1024));
        Assert.Equal(3 * 1024, pool.KeptBytes);
        pool.Return(pool.Rent(1024));
        now = 20_000;
        pool.Return(pool.Rent(1024));
        Assert.Equal(1024, pool.KeptBytes);
    }

    [Fact]
    public void RentAndReturn_FromManyThreads_NeverLendsAnArrayTwice() =>
        Gen.Int[1, 20_000].Array[1, 64].Sample(static sizes =>
        {
            var pool = new PinnedArrayPool(1 << 16);
            Parallel.ForEach(sizes, size =>
            {
                for (var i = 0; i < 20; i++)
                {
                    var array = pool.Rent(size);
                    Assert.True(array.Length >= size);
                    Array.Fill(array, (byte)size);
                    Assert.DoesNotContain(array, b => b != (byte)size);
                    pool.Return(array);
                }
            });
            Assert.InRange(pool.KeptBytes, 0, 1 << 16);
        }, iter: 20);
}
