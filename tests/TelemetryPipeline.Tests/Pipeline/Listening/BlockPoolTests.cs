using System.Buffers;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Listening;

namespace TelemetryPipeline.Tests.Pipeline.Listening;

public class BlockPoolTests
{
    [Fact]
    public void Dispose_Twice_ReturnsTheBlockOnce()
    {
        var arrays = new PinnedArrayPool(1 << 20);
        using var pool = new BlockPool(arrays);
        var block = pool.Rent();
        Assert.Equal(BlockPool.BlockSize, block.Memory.Length);
        block.Dispose();
        block.Dispose();
        Assert.Equal(BlockPool.BlockSize, arrays.KeptBytes);
        Assert.Throws<ObjectDisposedException>(() => block.Memory);
    }

    [Fact]
    public void Rent_ManyInUse_GivesSmallBlocks()
    {
        using var pool = new BlockPool(new PinnedArrayPool(1 << 20));
        var blocks = new List<IMemoryOwner<byte>>();
        for (var i = 0; i < BlockPool.LargeBlocksMax; i++)
        {
            blocks.Add(pool.Rent());
        }

        using var small = pool.Rent();
        Assert.Equal(BlockPool.SmallBlockSize, small.Memory.Length);
        using var needed = pool.Rent(BlockPool.SmallBlockSize + 1);
        Assert.Equal(BlockPool.BlockSize, needed.Memory.Length);
        needed.Dispose();
        blocks[0].Dispose();
        using var large = pool.Rent();
        Assert.Equal(BlockPool.BlockSize, large.Memory.Length);
        blocks.ForEach(static block => block.Dispose());
    }

    [Fact]
    public void Rent_MoreThanABlock_Refuses()
    {
        using var pool = new BlockPool(new PinnedArrayPool(1 << 20));
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Rent(BlockPool.BlockSize + 1));
    }
}
