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
    public void Rent_MoreThanABlock_Refuses()
    {
        using var pool = new BlockPool(new PinnedArrayPool(1 << 20));
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Rent(BlockPool.BlockSize + 1));
    }
}
