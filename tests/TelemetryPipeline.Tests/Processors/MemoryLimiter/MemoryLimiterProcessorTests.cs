using Microsoft.Extensions.Logging.Abstractions;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Processors.MemoryLimiter;

namespace TelemetryPipeline.Tests.Processors.MemoryLimiter;

public sealed class MemoryLimiterProcessorTests : IDisposable
{
    private static readonly MemoryLimiterConfig Config = new()
    {
        CheckInterval = TimeSpan.FromSeconds(1),
        LimitMib = 100,
        SpikeLimitMib = 20,
    };

    private readonly ProcessorHarness _harness = new();
    private readonly RecordingConsumer _next = new();
    private readonly MemoryMonitor _monitor;
    private readonly MemoryLimiterProcessor _processor;
    private long _residentMib = 10;
    private long _inUseMib = 10;
    private Action _onCollect = static () => { };
    private int _collections;

    public MemoryLimiterProcessorTests()
    {
        _monitor = new MemoryMonitor(
            Config,
            totalBytes: 0,
            _harness.Time,
            _harness.Context("memory_limiter").Background,
            NullLogger.Instance,
            () => new MemoryReading(_residentMib << 20, _inUseMib << 20),
            () =>
            {
                _collections++;
                _onCollect();
            });
        _processor = new MemoryLimiterProcessor(_harness.Context("memory_limiter"), Config, _monitor, _next);
        _processor.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _next.Dispose();

    [Fact]
    public void StartAndStop_Monitor_LimitsWorkingMemoryMeanwhile()
    {
        var memory = new WorkingMemory();
        var monitor = new MemoryMonitor(
            Config, 0, _harness.Time, _harness.Context("memory_limiter").Background, NullLogger.Instance,
            static () => new MemoryReading(0, 0), static () => { }, memory);
        monitor.Start();
        Assert.Equal(40L << 20, memory.LimitBytes);
        monitor.Stop();
        Assert.Equal(long.MaxValue, memory.LimitBytes);
    }

    [Fact]
    public async Task Consume_BelowSoftLimit_PassesOnAndCounts()
    {
        Check();
        Assert.True((await ConsumeAsync(3)).IsAccepted);
        Assert.Equal(3, _next.Items);
        Assert.Equal(3, _harness.Metric("otelcol_processor_memory_limiter_accepted_spans"));
        Assert.Equal(0, _collections);
    }

    [Fact]
    public async Task Consume_AboveSoftLimit_AsksForRetryUntilBelow()
    {
        (_residentMib, _inUseMib) = (90, 80);
        Check();
        var result = await ConsumeAsync(3);
        Assert.Equal((ConsumeOutcome.Retry, "memory_limit"), (result.Outcome, result.Reason));
        Assert.Equal(TimeSpan.FromSeconds(1), result.RetryAfter);
        Assert.Equal(ConsumeOutcome.Retry, _processor.Admit(Signal.Traces).Outcome);
        Assert.Equal(3, _harness.Metric("otelcol_processor_memory_limiter_refused_spans"));
        Assert.Equal(1, _harness.Metric("otelcol_processor_memory_limiter_refused_requests"));

        _inUseMib = 79;
        Check();
        Assert.True(_processor.Admit(Signal.Traces).IsAccepted);
    }

    [Fact]
    public void Check_SparePagesOnly_DoesNotRefuse()
    {
        // The garbage collector holds 80 MiB it has nothing in.
        (_residentMib, _inUseMib) = (95, 15);
        Check();
        Assert.True(_processor.Admit(Signal.Traces).IsAccepted);
        Assert.Equal(0, _collections);
    }

    [Fact]
    public void Check_CollectionHelps_DoesNotRefuse()
    {
        (_residentMib, _inUseMib) = (120, 90);
        _onCollect = () => (_residentMib, _inUseMib) = (40, 30);
        Check();
        Assert.Equal(1, _collections);
        Assert.True(_processor.Admit(Signal.Traces).IsAccepted);
    }

    [Fact]
    public void Check_AboveSoftLimitForAMinute_CollectsEveryTenSecondsBackingOffToThirty()
    {
        (_residentMib, _inUseMib) = (90, 90);
        var at = new List<int>();
        for (var second = 1; second <= 100; second++)
        {
            var before = _collections;
            Check();
            if (_collections > before)
            {
                at.Add(second);
            }
        }

        // 10 s doubles to 20 s after the first that did not help, then 30 s is the most.
        Assert.Equal([1, 21, 51, 81], at);
    }

    [Fact]
    public void Check_AboveHardLimit_CollectsAtOnceThenBacksOff()
    {
        (_residentMib, _inUseMib) = (150, 150);
        for (var second = 1; second <= 8; second++)
        {
            Check();
        }

        // Zero grows to the check interval, then doubles: seconds 1, 2, 4, 8.
        Assert.Equal(4, _collections);
        Assert.False(_processor.Admit(Signal.Traces).IsAccepted);
    }

    [Fact]
    public async Task Stop_TwiceAndWithoutStart_EndsChecksOnce()
    {
        var second = new MemoryLimiterProcessor(_harness.Context("memory_limiter"), Config, _monitor, _next);
        await second.StopAsync(Cancellation);
        await _processor.StopAsync(Cancellation);
        await _processor.StopAsync(Cancellation);
        (_residentMib, _inUseMib) = (150, 150);
        Check();
        Assert.Equal(0, _collections);
    }

    [Fact]
    public void Reading_OfThisProcess_IsPlausible()
    {
        var reading = MemoryReading.Now();
        Assert.InRange(reading.InUseBytes, 1, long.MaxValue);
        Assert.InRange(reading.ResidentBytes, 1, long.MaxValue);
    }

    private void Check() => _harness.Time.Advance(TimeSpan.FromSeconds(1));

    private async Task<ConsumeResult> ConsumeAsync(int items)
    {
        using var batch = new OtlpBatch(OtlpChunk.FromArray(Signal.Traces, new byte[items], items));
        return await _processor.ConsumeAsync(batch, Cancellation);
    }
}
