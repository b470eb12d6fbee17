using System.Linq;
using OpenTelemetry.Proto.Collector.Trace.V1;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Sending;
using TelemetryPipeline.TestSupport;
using TelemetryPipeline.Tests.Pipeline.Sending.Durable;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Pipeline.Sending;

public sealed class SendingCutTests
{
    private static readonly QueueConfig FourAtMost = new()
    {
        NumConsumers = 1,
        Batch = new QueueBatchConfig { MinSize = 1, MaxSize = 4 },
    };

    private static readonly RetryConfig NoRetries = new() { Enabled = false };

    private readonly TransferTraces _traces = new();

    [Fact]
    public async Task Consume_AboveMaxSizeInItems_GoesInPiecesWithTheirResource()
    {
        var harness = new SendingHarness(FourAtMost);
        var request = _traces.FromOneService(10);
        await harness.OfferAsync(OtlpPayloads.Batch(request));

        var pieces = new[] { await AcceptNextAsync(harness), await AcceptNextAsync(harness), await AcceptNextAsync(harness) };

        await Until.TrueAsync(() => harness.Sent == 10 && harness.QueueSize == 0);
        Assert.Equal([4, 4, 2], pieces.Select(piece => piece.ItemCount));
        Assert.Equal(Oracle.Items(request), pieces.SelectMany(piece => Oracle.Items(Parse(piece))));
    }

    [Fact]
    public async Task Consume_AboveMaxSizeInBytes_NoPieceIsLarger()
    {
        var request = _traces.FromOneService(20);
        var maxSize = request.CalculateSize() / 3;
        var harness = new SendingHarness(FourAtMost with
        {
            Batch = new QueueBatchConfig { Sizer = QueueSizer.Bytes, MinSize = 1, MaxSize = maxSize },
        });
        await harness.OfferAsync(OtlpPayloads.Batch(request));

        var items = 0;
        while (items < 20)
        {
            var piece = await AcceptNextAsync(harness);
            Assert.InRange(piece.Request.Length, 1, maxSize);
            items += piece.ItemCount;
        }

        await Until.TrueAsync(() => harness.Sent == 20 && harness.QueueSize == 0);
    }

    [Fact]
    public async Task Consume_OneItemAboveMaxSize_GoesAsItIs()
    {
        var request = _traces.FromOneService(1);
        var harness = new SendingHarness(FourAtMost with
        {
            Batch = new QueueBatchConfig { Sizer = QueueSizer.Bytes, MinSize = 1, MaxSize = 10 },
        });
        await harness.OfferAsync(OtlpPayloads.Batch(request));

        Assert.Equal(request, Parse(await AcceptNextAsync(harness)));
        await Until.TrueAsync(() => harness.Sent == 1 && harness.QueueSize == 0);
    }

    [Fact]
    public async Task Consume_CutWithWaitForResult_TellsTheSumOfAllPieces()
    {
        var harness = new SendingHarness(FourAtMost with { WaitForResult = true });
        var answer = harness.OfferAsync(OtlpPayloads.Batch(_traces.FromOneService(10)));

        (await harness.Sender.NextAsync()).Refuse(1);
        (await harness.Sender.NextAsync()).Accept();
        Assert.False(answer.IsCompleted);
        (await harness.Sender.NextAsync()).Refuse(2);

        Assert.Equal((ConsumeOutcome.Rejected, 3), ((await answer).Outcome, (await answer).RejectedCount));
        Assert.Equal((7, 3), (harness.Sent, harness.Dropped("invalid_argument")));
    }

    [Fact]
    public async Task Consume_CutWithWaitForResult_OneFailedPieceBringsTheWholeBatchBack()
    {
        var harness = new SendingHarness(FourAtMost with { WaitForResult = true }, NoRetries);
        var answer = harness.OfferAsync(OtlpPayloads.Batch(_traces.FromOneService(10)));

        (await harness.Sender.NextAsync()).Accept();
        (await harness.Sender.NextAsync()).Fail();
        (await harness.Sender.NextAsync()).Refuse(1);

        Assert.Equal((ConsumeOutcome.Retry, "unavailable"), ((await answer).Outcome, (await answer).Reason));
        Assert.Equal((4 + 1, 4 + 1), (harness.Sent, harness.SendFailed));
        Assert.Equal(0, harness.Dropped("unavailable"));
    }

    [Fact]
    public async Task Consume_CutOnDisk_IsAcknowledgedWithItsLastPiece()
    {
        using var folder = new LogFolder();
        var queue = FourAtMost with { Storage = new ComponentId("file_storage", "") };
        var request = _traces.FromOneService(10);
        var down = new SendingHarness(queue, storage: folder.Options);
        await down.Exporter.StartAsync(CancellationToken.None);
        await down.OfferAsync(OtlpPayloads.Batch(request));
        await AcceptNextAsync(down);
        (await down.Sender.NextAsync()).Accept();
        await down.Sender.NextAsync();
        using (var noTime = new CancellationTokenSource())
        {
            var stop = down.Exporter.StopAsync(noTime.Token);
            await noTime.CancelAsync();
            await stop;
        }

        Assert.Equal((8, 0), (down.Sent, down.Dropped()));
        var up = new SendingHarness(queue, storage: folder.Options);
        await up.Exporter.StartAsync(CancellationToken.None);
        var again = new[] { await AcceptNextAsync(up), await AcceptNextAsync(up), await AcceptNextAsync(up) };

        await Until.TrueAsync(() => up.Sent == 10 && up.QueueSize == 0);
        Assert.Equal(Oracle.Items(request), again.SelectMany(piece => Oracle.Items(Parse(piece))));
        await up.Exporter.StopAsync(CancellationToken.None);
        Assert.Empty(folder.Segments);
    }

    [Fact]
    public async Task Stop_PiecesWaiting_CountsEveryItemOnce()
    {
        var harness = new SendingHarness(FourAtMost);
        await harness.OfferAsync(OtlpPayloads.Batch(_traces.FromOneService(10)));
        await AcceptNextAsync(harness);
        await harness.Sender.NextAsync();
        using var noTime = new CancellationTokenSource();
        var stop = harness.Exporter.StopAsync(noTime.Token);
        await noTime.CancelAsync();
        await stop;

        Assert.Equal((4, 6), (harness.Sent, harness.Dropped("shutdown")));
        Assert.Equal(0, harness.QueueSize);
    }

    [Fact]
    public async Task Consume_BytesThatCannotBeCut_GoInOnePieceAndTheQueueGoesOn()
    {
        var harness = new SendingHarness(FourAtMost);

        // An envelope that ends behind the request: no receiver lets it in, and the splitter relies on that.
        await harness.OfferAsync(new OtlpBatch(OtlpChunk.FromArray(Signal.Traces, [0x0A, 0x70, 0x12, 0x60, 0x12], 10)));

        Assert.Equal(5, (await AcceptNextAsync(harness)).Request.Length);
        await harness.OfferAsync(OtlpPayloads.Batch(_traces.FromOneService(3)));
        await AcceptNextAsync(harness);
        await harness.Exporter.StopAsync(CancellationToken.None);
        Assert.Equal((13, 0), (harness.Sent, harness.QueueSize));
    }

    private static async Task<ScriptedSender.Attempt> AcceptNextAsync(SendingHarness harness)
    {
        var attempt = await harness.Sender.NextAsync();
        attempt.Accept();
        return attempt;
    }

    private static ExportTraceServiceRequest Parse(ScriptedSender.Attempt attempt) =>
        ExportTraceServiceRequest.Parser.ParseFrom(attempt.Request);
}
