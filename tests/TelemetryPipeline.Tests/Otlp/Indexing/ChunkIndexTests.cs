using System.Linq;
using TelemetryPipeline.Otlp.Indexing;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Otlp.Indexing;

public sealed class ChunkIndexTests
{
    private const int Rounds = 50;
    private const int ThreadCount = 4;

    // Scenario: the branches of a fan-out look into the same chunk for the first time, all at the same moment.
    // Guarantees: there is one index with one set of span records, and it is right.
    [Fact]
    public void Index_FirstAskedForByManyThreads_IsBuiltOnce()
    {
        var request = new TransferTraces().Request(3);
        using var gate = new Barrier(ThreadCount);
        for (var round = 0; round < Rounds; round++)
        {
            using var batch = OtlpPayloads.Batch(request);
            var chunk = batch.Chunks[0];
            var found = new (ChunkIndex Index, bool IsRight)[ThreadCount];
            var threads = Enumerable.Range(0, ThreadCount).Select(i => new Thread(() =>
            {
                gate.SignalAndWait();
                var index = chunk.Index();
                var spans = index.Spans(chunk.Bytes);
                var again = index.Spans(chunk.Bytes);
                found[i] = (index, spans == again && spans.Length == 51 && index.Nodes[spans[50].Node].FirstItem == 50);
            })).ToArray();
            Array.ForEach(threads, static thread => thread.Start());
            Array.ForEach(threads, static thread => thread.Join());

            Assert.All(found, f => Assert.Same(found[0].Index, f.Index));
            Assert.All(found, static f => Assert.True(f.IsRight));
        }
    }
}
