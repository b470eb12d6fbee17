using CsCheck;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Processors.Batch;

namespace TelemetryPipeline.Tests.Processors.Batch;

public sealed class BatchProcessorProperties
{
    /// <summary>What the next component says, one after the other; accepted when the list is used up.</summary>
    private static readonly Gen<int[]> Answers = Gen.Int[0, 3].Array[0, 40];

    [Fact]
    public async Task Consume_AnyInterleavingAndAnswers_AcceptedIsPassedOnPlusCounted() =>
        await Gen.Select(Gen.Int[1, 12].Array[1, 60], Answers, Gen.Int[0, 20])
            .SampleAsync(async (sizes, answers, batchSize) => await RunAsync(sizes, answers, batchSize), iter: 200);

    private static async Task RunAsync(int[] sizes, int[] answers, int batchSize)
    {
        var harness = new ProcessorHarness();
        using var next = new RecordingConsumer();
        var asked = 0;
        next.Answer = batch => (asked < answers.Length ? answers[asked++] : 0) switch
        {
            1 => ConsumeResult.Retry("queue_full", "full"),
            2 => ConsumeResult.Rejected("bad_data", "bad", batch.ItemCount),
            _ => ConsumeResult.Accepted,
        };
        using var processor = new BatchProcessor(
            harness.Context("batch"), new BatchConfig { SendBatchSize = batchSize }, next);

        var accepted = 0;
        await Parallel.ForAsync(0, sizes.Length, async (i, cancellation) =>
        {
            using var batch = new OtlpBatch(OtlpChunk.FromArray(Signal.Traces, new byte[sizes[i]], sizes[i]));
            if ((await processor.ConsumeAsync(batch, cancellation)).IsAccepted)
            {
                Interlocked.Add(ref accepted, sizes[i]);
            }

            if (i % 7 == 0)
            {
                harness.Time.Advance(TimeSpan.FromMilliseconds(150));
            }
        });

        var stop = processor.StopAsync(CancellationToken.None);
        while (!stop.IsCompleted)
        {
            harness.Time.Advance(TimeSpan.FromSeconds(5));
            await Task.Yield();
        }

        await stop;
        var dropped = (int)harness.Metric("otelcol_processor_batch_dropped_items");
        if (accepted != next.Items + dropped || harness.Metric("otelcol_processor_batch_held_bytes") != 0)
        {
            throw new InvalidOperationException(
                $"accepted {accepted}, passed on {next.Items}, counted {dropped}, "
                + $"held {harness.Metric("otelcol_processor_batch_held_bytes")} bytes");
        }
    }
}
