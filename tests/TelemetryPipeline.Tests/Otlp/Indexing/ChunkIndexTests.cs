using System.Linq;
using TelemetryPipeline.Otlp;
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
                var index = chunk.BorrowIndex();
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

    // Guarantees: what a queue frees to save memory is never taken from under a reader, and is found again by the next one.
    [Fact]
    public void ForgetIndexes_WhileOthersRead_LeavesThemWhatTheyRead()
    {
        using var batch = OtlpPayloads.Batch(new TransferTraces().Request(3));
        var slots = new AttributeSlots();
        var order = slots.Register("biz.order_no");
        var wrong = 0;
        using var gate = new Barrier(ThreadCount);
        var forks = Enumerable.Range(0, ThreadCount * Rounds).Select(_ => batch.Fork()).ToArray();
        var threads = Enumerable.Range(0, ThreadCount).Select(i => new Thread(() =>
        {
            gate.SignalAndWait();
            for (var round = 0; round < Rounds; round++)
            {
                using var fork = forks[(round * ThreadCount) + i];
                fork.ForgetIndexes();
                var view = fork.View(0);
                foreach (ref readonly var span in view.Spans)
                {
                    var isRight = view.Row(slots, span.Node).TryGetShortText(order, out var text) && text.StartsWith("TRD20240521"u8);
                    Interlocked.Add(ref wrong, isRight ? 0 : 1);
                }
            }
        })).ToArray();
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());

        Assert.Equal(0, wrong);
    }
}
