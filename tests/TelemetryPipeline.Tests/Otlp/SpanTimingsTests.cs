using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Tests.Otlp;

public sealed class SpanTimingsTests
{
    private const ulong Start = 1_716_249_600_000_000_000;

    [Theory]
    [InlineData(Start, Start + 12_500_000, SpanTiming.Known, 12_500_000)]
    [InlineData(Start, Start, SpanTiming.Known, 0)]
    [InlineData(1, ulong.MaxValue, SpanTiming.Known, long.MaxValue)]
    [InlineData(0, Start, SpanTiming.NoStart, 0)]
    [InlineData(0, 0, SpanTiming.NoStart, 0)]
    [InlineData(Start, 0, SpanTiming.NoEnd, 0)]
    [InlineData(Start, Start - 1, SpanTiming.Negative, 0)]
    public void Read_SaysWhyThereIsNoDuration(ulong startNs, ulong endNs, SpanTiming expected, long expectedNs)
    {
        Assert.Equal(expected, SpanTimings.Read(startNs, endNs, out var durationNs));
        Assert.Equal(expectedNs, durationNs);
        Assert.Equal(expected == SpanTiming.Known ? expectedNs : null, SpanTimings.DurationNs(startNs, endNs));
    }

    [Theory]
    [InlineData(SpanTiming.NoStart, "no_start")]
    [InlineData(SpanTiming.NoEnd, "no_end")]
    [InlineData(SpanTiming.Negative, "negative")]
    public void Reason_IsTheMetricLabel(SpanTiming timing, string expected) => Assert.Equal(expected, timing.Reason());
}
