using TelemetryPipeline.Connectors.Forward;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Pipeline.Graph;
using TelemetryPipeline.Tests.Exporters;
using TelemetryPipeline.Tests.Pipeline.Graph;

namespace TelemetryPipeline.Tests.Connectors.Forward;

public sealed class ForwardConnectorTests
{
    private readonly Outlet[] _outlets = [new(), new(), new()];
    private readonly TestExporter _next = new("next", new Journal());

    public static TheoryData<Signal> Signals => [Signal.Traces, Signal.Metrics, Signal.Logs];

    [Theory]
    [MemberData(nameof(Signals))]
    public async Task Consume_EverySignal_GoesToThePipelinesOfThatSignalAsItIs(Signal signal)
    {
        OtlpBatch? seen = null;
        _next.OnConsume = batch =>
        {
            seen = batch;
            return new(ConsumeResult.Accepted);
        };
        await _outlets[(int)signal].ConnectAsync(_next);
        using var batch = TestBatches.Of(signal, 5);

        Assert.True((await Connector().ConsumeAsync(batch, TestContext.Current.CancellationToken)).IsAccepted);

        Assert.Same(batch, seen);
    }

    [Fact]
    public async Task Consume_NextRefuses_HandsItsAnswerBack()
    {
        var answers = new Queue<ConsumeResult>(
        [
            ConsumeResult.Retry("queue_full", "full", TimeSpan.FromSeconds(3)), ConsumeResult.Rejected("bad_data", "no", 2),
        ]);
        _next.OnConsume = _ => new(answers.Dequeue());
        await _outlets[(int)Signal.Logs].ConnectAsync(_next);
        using var batch = TestBatches.Of(Signal.Logs, 5);

        var retry = await Connector().ConsumeAsync(batch, TestContext.Current.CancellationToken);
        var rejected = await Connector().ConsumeAsync(batch, TestContext.Current.CancellationToken);

        Assert.Equal(("queue_full", TimeSpan.FromSeconds(3)), (retry.Reason, retry.RetryAfter));
        Assert.Equal(("bad_data", 2), (rejected.Reason, rejected.RejectedCount));
    }

    [Fact]
    public async Task Admit_NextRefusesOneSignal_RefusesThatSignalOnly()
    {
        _next.Admission = ConsumeResult.Retry("memory", "no room");
        await _outlets[(int)Signal.Traces].ConnectAsync(_next);
        var connector = (IAdmission)Connector();

        Assert.Equal("memory", connector.Admit(Signal.Traces).Reason);
        Assert.True(connector.Admit(Signal.Metrics).IsAccepted);
    }

    [Fact]
    public async Task Consume_TwoPipelinesBehind_BothGetEverything()
    {
        var second = new TestExporter("second", new Journal());
        await _outlets[0].ConnectAsync(new FanOut(
            "forward", [new FanOutBranch("traces/a", _next), new FanOutBranch("traces/b", second)], FanOutMode.AtLeastOnce, new MetricRegistry()));
        using var batch = TestBatches.Of(Signal.Traces, 7);

        Assert.True((await Connector().ConsumeAsync(batch, TestContext.Current.CancellationToken)).IsAccepted);

        Assert.Equal((7, 7), (_next.Items, second.Items));
    }

    [Fact]
    public async Task Consume_ReloadTookThePipelineAway_AsksForRetry()
    {
        using var batch = TestBatches.Of(Signal.Traces, 1);

        var result = await Connector().ConsumeAsync(batch, TestContext.Current.CancellationToken);

        Assert.Equal((ConsumeOutcome.Retry, "not_connected"), (result.Outcome, result.Reason));
    }

    [Fact]
    public void Routes_Always_LeadEverySignalToItself() => Assert.Equal(
        [(Signal.Traces, Signal.Traces), (Signal.Metrics, Signal.Metrics), (Signal.Logs, Signal.Logs)],
        new ForwardFactory().Routes);

    private IConnector Connector()
    {
        var factory = new ForwardFactory();
        return factory.Create(new ExporterHarness().Context("forward"), default, _outlets);
    }
}
