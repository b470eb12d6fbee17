using System.Linq;
using System.Text;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Sending;
using TelemetryPipeline.TestSupport;

namespace TelemetryPipeline.Tests.Pipeline.Sending.Durable;

public sealed class DurableSendingTests
{
    private static readonly QueueConfig OnDisk =
        new() { Storage = new ComponentId("file_storage", ""), NumConsumers = 2, QueueSize = 3 };

    [Fact]
    public async Task Consume_OnDisk_SurvivesARestartInFull()
    {
        using var folder = new LogFolder();
        var down = new SendingHarness(OnDisk, storage: folder.Options);
        down.Sender.Rule = static _ => ConsumeResult.Retry("unavailable", "down");
        await down.Exporter.StartAsync(CancellationToken.None);
        for (var i = 0; i < 3; i++)
        {
            Assert.True((await down.OfferAsync(i)).IsAccepted);
        }

        Assert.Equal("queue_full", (await down.OfferAsync(9)).Reason);
        await down.Exporter.StopAsync(CancellationToken.None);
        Assert.Equal((0, 0), (down.SendFailed, down.Dropped()));

        // A full queue must start, and must take new data once it has room.
        var up = new SendingHarness(OnDisk, storage: folder.Options);
        await up.Exporter.StartAsync(CancellationToken.None);
        Assert.Equal("queue_full", (await up.OfferAsync(9)).Reason);
        var first = await up.Sender.NextAsync();
        var second = await up.Sender.NextAsync();
        up.Sender.Rule = static _ => ConsumeResult.Accepted;
        first.Accept();
        second.Accept();

        await Until.TrueAsync(() => up.Sent == 3 && up.QueueSize == 0);
        Assert.Equal([0, 1, 2], up.Sender.Delivered.Order());
        Assert.True((await up.OfferAsync(9)).IsAccepted);
        await Until.TrueAsync(() => up.Sent == 4);
        await up.Exporter.StopAsync(CancellationToken.None);
        Assert.Empty(folder.Segments);
    }

    // Request headers are credentials and customer ids as often as not; what nobody asks for must not reach the disk.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Consume_OnDisk_StoresOnlyTheHeadersThatThePartitionNames(bool isPartitioned)
    {
        using var folder = new LogFolder();
        var queue = isPartitioned ? OnDisk with { Batch = new QueueBatchConfig { MinSize = 1, MetadataKeys = ["X-Tenant"] } } : OnDisk;
        var metadata = new RequestMetadata(
        [
            new("authorization", ["Bearer s3cr3t-t0ken"]), new("cookie", ["session=c00k1e"]), new("x-biz-cust-id", ["6217000012345678901"]),
            new("x-tenant", ["bank-7"]),
        ]);
        var down = new SendingHarness(queue, storage: folder.Options);
        down.Sender.Rule = static _ => ConsumeResult.Retry("unavailable", "down");
        await down.Exporter.StartAsync(CancellationToken.None);
        Assert.True((await down.OfferAsync(CancellationToken.None, metadata, 1)).IsAccepted);
        await down.Exporter.StopAsync(CancellationToken.None);

        var stored = string.Concat(Directory.GetFiles(folder.Path).Select(static file => Encoding.Latin1.GetString(File.ReadAllBytes(file))));
        foreach (var secret in (string[])["s3cr3t-t0ken", "c00k1e", "6217000012345678901", "authorization", "cookie"])
        {
            Assert.DoesNotContain(secret, stored, StringComparison.OrdinalIgnoreCase);
        }

        Assert.Equal(isPartitioned, stored.Contains("bank-7", StringComparison.Ordinal));
        var up = new SendingHarness(queue, storage: folder.Options);
        await up.Exporter.StartAsync(CancellationToken.None);
        var attempt = await up.Sender.NextAsync();
        Assert.Equal(isPartitioned ? ["bank-7"] : [], attempt.Metadata?.Get("x-tenant") ?? []);
        attempt.Accept();
        await up.Exporter.StopAsync(CancellationToken.None);
    }

    // The Collector's issue 15677: a persistent queue deleted its items when it was stopped while the destination was down.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stop_AttemptUnderWay_StaysOnDisk(bool retries)
    {
        using var folder = new LogFolder();
        var harness = new SendingHarness(OnDisk, new RetryConfig { Enabled = retries }, storage: folder.Options);
        await harness.Exporter.StartAsync(CancellationToken.None);
        await harness.OfferAsync(1);
        await harness.Sender.NextAsync();
        using var limit = new CancellationTokenSource();
        var stop = harness.Exporter.StopAsync(limit.Token);

        await limit.CancelAsync();
        await stop;

        Assert.Equal(0, harness.Dropped());
        var log = folder.Open();
        Assert.Equal([1], LogFolder.Drain(log));
        log.Close();
    }

    [Fact]
    public async Task Consume_OnDiskWithBatch_MergesAndAcknowledgesAll()
    {
        using var folder = new LogFolder();
        var queue = OnDisk with { QueueSize = 1000, Batch = new QueueBatchConfig { MinSize = 10 } };
        var harness = new SendingHarness(queue, storage: folder.Options);
        harness.Sender.Rule = static _ => ConsumeResult.Accepted;
        await harness.Exporter.StartAsync(CancellationToken.None);
        for (var i = 0; i < 95; i++)
        {
            await harness.OfferAsync(i);
        }

        await harness.Exporter.StopAsync(CancellationToken.None);

        Assert.Equal(95, harness.Sent);
        Assert.Equal(Enumerable.Range(0, 95).Select(i => (long)i), harness.Sender.Delivered.Order());
        Assert.Empty(folder.Segments);
    }

    // Scenario: a reload puts a new exporter on the same queue while the former one has an attempt under way that is never
    // answered; nothing new arrives.
    [Fact]
    public async Task Stop_SuccessorIsRunning_TakesOverWhatTheFormerGaveBack()
    {
        using var folder = new LogFolder();
        var former = new SendingHarness(OnDisk, storage: folder.Options);
        await former.Exporter.StartAsync(CancellationToken.None);
        await former.OfferAsync(1);
        await former.Sender.NextAsync();
        var next = new SendingHarness(OnDisk, storage: folder.Options);
        next.Sender.Rule = static _ => ConsumeResult.Accepted;
        await next.Exporter.StartAsync(CancellationToken.None);
        using var noTime = new CancellationTokenSource();
        var stop = former.Exporter.StopAsync(noTime.Token);
        await noTime.CancelAsync();
        await stop;

        await Until.TrueAsync(() => next.Sent == 1 && next.QueueSize == 0);
        Assert.Equal(0, former.Dropped());
        await next.Exporter.StopAsync(CancellationToken.None);
        Assert.Empty(folder.Segments);
    }

    // Scenario: four senders go on while exporters replace one another on the same queue, as a reload does it.
    // Guarantees: everything accepted is delivered, by whomever, and nothing is left.
    [Fact]
    public async Task Stop_ReloadsUnderTraffic_LosesNothing()
    {
        using var folder = new LogFolder();
        var queue = OnDisk with { QueueSize = 50, BlockOnOverflow = true };
        var harnesses = new List<SendingHarness> { await StartAsync(queue, folder) };
        var current = harnesses[0];
        var accepted = 0;
        var rounds = 0;
        using var done = new CancellationTokenSource();
        var senders = Enumerable.Range(0, 4).Select(s => Task.Run(async () =>
        {
            for (var i = 0; !done.IsCancellationRequested; i++)
            {
                var result = await Volatile.Read(ref current).OfferAsync((s * 1_000_000) + i);
                Interlocked.Add(ref accepted, result.IsAccepted ? 1 : 0);
            }
        })).ToArray();
        for (; rounds < 8; rounds++)
        {
            var former = current;
            var before = Volatile.Read(ref accepted);
            await Until.TrueAsync(() => Volatile.Read(ref accepted) > before + 20);
            harnesses.Add(await StartAsync(queue, folder));
            Volatile.Write(ref current, harnesses[^1]);
            await former.Exporter.StopAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        }

        await done.CancelAsync();
        await Task.WhenAll(senders).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await Until.TrueAsync(() => current.QueueSize == 0);
        await current.Exporter.StopAsync(CancellationToken.None);

        var delivered = harnesses.SelectMany(h => h.Sender.Delivered).ToList();
        Assert.Equal(accepted, delivered.Distinct().Count());
        Assert.Equal(0, harnesses.Sum(h => h.Dropped()));
        Assert.Empty(folder.Segments);
    }

    [Fact]
    public async Task Start_StorageMissing_SaysWhich()
    {
        var harness = new SendingHarness(OnDisk);

        var failure = await Assert.ThrowsAsync<ComponentStartException>(() => harness.Exporter.StartAsync(CancellationToken.None));

        Assert.Contains("sending_queue::storage names file_storage", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<SendingHarness> StartAsync(QueueConfig queue, LogFolder folder)
    {
        var random = new Random(5);
        var harness = new SendingHarness(
            queue, new RetryConfig { InitialInterval = TimeSpan.FromMilliseconds(1) }, storage: folder.Options, time: TimeProvider.System);
        harness.Sender.Rule = _ =>
        {
            lock (random)
            {
                return random.Next(4) == 0 ? ConsumeResult.Retry("unavailable", "not now") : ConsumeResult.Accepted;
            }
        };
        await harness.Exporter.StartAsync(CancellationToken.None);
        return harness;
    }
}
