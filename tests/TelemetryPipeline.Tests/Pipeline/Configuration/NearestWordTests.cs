using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Tests.Pipeline.Configuration;

public sealed class NearestWordTests
{
    [Theory]
    [InlineData("tiemout", "timeout")]
    [InlineData("endpont", "endpoint")]
    [InlineData("send_batchsize", "send_batch_size")]
    [InlineData("tsl", "tls")]
    [InlineData("xy", null)]
    [InlineData("q", null)]
    [InlineData("retry", null)]
    public void Find_Typo_GivesTheWordOrNothing(string word, string? expected) =>
        Assert.Equal(expected, NearestWord.Find(word, ["timeout", "endpoint", "send_batch_size", "tls", "ca", "id"]));

    [Fact]
    public void Find_VeryLongWord_IsNotCompared() =>
        Assert.Null(NearestWord.Find(new string('a', 1_000_000), ["timeout"]));
}
