using System.Linq;
using TelemetryPipeline.Pipeline.Listening;

namespace TelemetryPipeline.Tests.Pipeline.Listening;

public class BlockPoolTests
{
    [Fact]
    public void Dispose_MoreBlocksThanKept_KeepsOnlyTheBound()
    {
        using var pool = new BlockPool();
        var blocks = Enumerable.Range(0, BlockPool.BlocksKeptMax + 10).Select(_ => pool.Rent()).ToArray();
        Assert.All(blocks, static b => Assert.Equal(BlockPool.BlockSize, b.Memory.Length));
        Array.ForEach(blocks, static b => b.Dispose());
        Assert.Equal(BlockPool.BlocksKeptMax, pool.KeptCount);
    }

    [Fact]
    public void Dispose_Twice_ReturnsTheBlockOnce()
    {
        using var pool = new BlockPool();
        var block = pool.Rent();
        block.Dispose();
        block.Dispose();
        Assert.Equal(1, pool.KeptCount);
        Assert.Same(block, pool.Rent());
    }

    [Fact]
    public void Rent_MoreThanABlock_Refuses()
    {
        using var pool = new BlockPool();
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Rent(BlockPool.BlockSize + 1));
    }
}
