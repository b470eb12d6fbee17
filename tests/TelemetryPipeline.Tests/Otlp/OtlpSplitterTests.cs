using CsCheck;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Otlp;

public sealed class OtlpSplitterTests
{
    [Fact]
    public void Split_GeneratedBatches_KeepsEveryItemWithItsHoldersWithinTheLimits() => Gen.Select(
        Gen.Int[0, 2], Gen.Int.Array[1, 3], Gen.Int[0, 5], Gen.Int[0, 3000]).Sample(
        static (signal, seeds, maxItems, maxBytes) =>
        {
            var requests = Array.ConvertAll(seeds, seed => OtlpGenerators.Request((Signal)signal, seed));
            using var batch = OtlpPayloads.Batch(requests);
            var expected = new List<(string, Google.Protobuf.IMessage)>(Oracle.Items(OtlpPayloads.Parse(batch)));
            var actual = new List<(string, Google.Protobuf.IMessage)>();
            var parts = new List<OtlpBatch>();
            OtlpSplitter.Split(batch, maxItems, maxBytes, parts);
            foreach (var part in parts)
            {
                var items = new List<(string, Google.Protobuf.IMessage)>(Oracle.Items(OtlpPayloads.Parse(part)));
                Assert.Equal(items.Count, part.ItemCount);
                Assert.True(maxItems == 0 || part.ItemCount <= maxItems);
                Assert.True(maxBytes == 0 || part.ByteCount <= maxBytes || part.ItemCount <= 1);
                actual.AddRange(items);
                part.Dispose();
            }

            Assert.Equal(expected, actual);
            Assert.Equal(expected.Count, batch.ItemCount);
        },
        iter: 300);

    [Fact]
    public void Split_ChunksThatFit_AreNotCopied()
    {
        var traces = new TransferTraces();
        using var batch = OtlpPayloads.Batch(traces.FromOneService(2), traces.FromOneService(2), traces.FromOneService(2));
        var parts = new List<OtlpBatch>();
        OtlpSplitter.Split(batch, 4, 0, parts);
        Assert.Equal([4, 2], parts.ConvertAll(part => part.ItemCount));
        Assert.Same(batch.Chunks[0], parts[0].Chunks[0]);
        Assert.Same(batch.Chunks[1], parts[0].Chunks[1]);
        Assert.Same(batch.Chunks[2], parts[1].Chunks[0]);
        parts.ForEach(part => part.Dispose());
    }
}
