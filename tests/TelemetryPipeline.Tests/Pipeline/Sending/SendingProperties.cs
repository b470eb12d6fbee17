using System.Linq;
using CsCheck;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Sending;

namespace TelemetryPipeline.Tests.Pipeline.Sending;

public sealed class SendingProperties
{
    // Scenario: several producers, random queue and batch sizes, a transport that accepts, fails and rejects at random.
    // Guarantees: every item that was accepted was delivered or is counted as dropped, none twice, and nobody hangs.
    [Fact]
    public void AcceptedItems_AreDeliveredOrCounted() =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[1, 12], Gen.Bool, Gen.Int[0, 20], Gen.Bool, Gen.Int[0, int.MaxValue])
            .Sample(
                (consumers, size, block, minSize, wait, seed) =>
                    RunAsync(consumers, size, block, minSize, wait, seed).GetAwaiter().GetResult(),
                iter: 60, threads: 1);

    private static async Task RunAsync(int consumers, int size, bool block, int minSize, bool wait, int seed)
    {
        var queue = new QueueConfig
        {
            NumConsumers = consumers,
            QueueSize = size,
            Sizer = seed % 2 == 0 ? QueueSizer.Items : QueueSizer.Requests,
            BlockOnOverflow = block,
            WaitForResult = wait,
            Batch = minSize == 0 ? null : new QueueBatchConfig { MinSize = minSize, FlushTimeout = TimeSpan.FromMilliseconds(1) },
        };
        var retry = new RetryConfig { Enabled = seed % 3 != 0, InitialInterval = TimeSpan.Zero, MaxElapsedTime = TimeSpan.Zero };
        var harness = new SendingHarness(queue, retry, time: TimeProvider.System);
        var random = new Random(seed);
        harness.Sender.Rule = attempt =>
        {
            lock (random)
            {
                return random.Next(6) switch
                {
                    0 => ConsumeResult.Rejected("invalid_argument", "no", attempt.Ids.Length),
                    1 or 2 => ConsumeResult.Retry("unavailable", "not now"),
                    _ => ConsumeResult.Accepted,
                };
            }
        };

        long accepted = 0;
        long rejected = 0;
        var producers = Enumerable.Range(0, 4).Select(p => Task.Run(async () =>
        {
            for (var i = 0; i < 30; i++)
            {
                var id = (p * 10_000) + (i * 10);
                var result = await harness.OfferAsync(id, id + 1, id + 2).WaitAsync(TimeSpan.FromSeconds(60));
                Interlocked.Add(ref accepted, result.IsAccepted ? 3 : result.Outcome == ConsumeOutcome.Rejected ? 3 - result.RejectedCount : 0);
                Interlocked.Add(ref rejected, result.RejectedCount);
            }
        }));
        await Task.WhenAll(producers);
        await harness.Exporter.StopAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));

        Assert.Equal(accepted + rejected, harness.Sent + harness.Dropped());
        Assert.Equal(harness.Sent, harness.Sender.Delivered.Count);
        Assert.Equal(harness.Sent, harness.Sender.Delivered.Distinct().Count());
        Assert.Equal(0, harness.QueueSize);
    }
}
