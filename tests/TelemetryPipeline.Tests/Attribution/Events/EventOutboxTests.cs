using TelemetryPipeline.Attribution.Events;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Tests.Processors;

namespace TelemetryPipeline.Tests.Attribution.Events;

public sealed class EventOutboxTests : IConsumer, IOutboxJournal
{
    private readonly ProcessorHarness _harness = new(Signal.Logs);
    private readonly List<(int Count, string Reason)> _rejected = [];
    private Func<ConsumeResult> _answer = static () => ConsumeResult.Accepted;
    private int _sent;

    // Scenario: the next pipeline throws at events, first on the way out and then when they are offered again.
    // Guarantees: those events are counted as rejected and not offered again, later ones are sent.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Send_NextPipelineThrows_EventsAreRejectedAndLaterOnesAreSent(bool waitFirst)
    {
        var outlet = new Outlet();
        await outlet.ConnectAsync(this);
        var background = _harness.Context("anomaly_attribution").Background;
        var outbox = new EventOutbox(outlet, 100, this, background.Watch("event_outbox"), _harness.Time);
        if (waitFirst)
        {
            _answer = static () => ConsumeResult.Retry("queue_full", "full");
            outbox.Send(Events(2));
            _answer = static () => throw new InvalidOperationException("a bug in an exporter");
            await outbox.PumpAsync(CancellationToken.None);
        }
        else
        {
            _answer = static () => throw new InvalidOperationException("a bug in an exporter");
            outbox.Send(Events(2));
        }

        Assert.Equal([(2, "internal_error")], _rejected);
        Assert.Equal(0, outbox.PendingCount);
        Assert.Equal(1, _harness.Metric("otelcol_background_failures", "event_outbox"));

        _answer = static () => ConsumeResult.Accepted;
        outbox.Send(Events(3));
        Assert.Equal(3, _sent);
    }

    ValueTask<ConsumeResult> IConsumer.ConsumeAsync(OtlpBatch batch, CancellationToken cancellation) => new(_answer());

    void IOutboxJournal.OnSent(int events) => _sent += events;

    void IOutboxJournal.OnRefused(ConsumeResult result)
    {
    }

    void IOutboxJournal.OnRejected(int events, ConsumeResult result) => _rejected.Add((events, result.Reason));

    void IOutboxJournal.OnDropped(int events, string reason) => Assert.Fail($"{events} events dropped: {reason}");

    private static OtlpChunk Events(int count) => OtlpChunk.FromArray(Signal.Logs, new byte[8], count);
}
