using TelemetryPipeline.Receiver.Grpc;

namespace TelemetryPipeline.Tests.Receiver.Grpc;

public class GrpcHeadersTests
{
    [Theory]
    [InlineData("application/grpc", true)]
    [InlineData("application/grpc+proto", true)]
    [InlineData("Application/GRPC; charset=utf-8", true)]
    [InlineData("application/grpc+json", false)]
    [InlineData("application/grpc-web", false)]
    [InlineData("application/grpcx", false)]
    [InlineData("", false)]
    public void IsProtobuf_ContentType_TellsGrpcApart(string contentType, bool expected) =>
        Assert.Equal(expected, GrpcHeaders.IsProtobuf(contentType));

    [Theory]
    [InlineData("10S", 10_000.0)]
    [InlineData("250m", 250.0)]
    [InlineData("2M", 120_000.0)]
    [InlineData("1H", 3_600_000.0)]
    [InlineData("500u", 0.5)]
    [InlineData("99999999n", 99.9999)]
    [InlineData("", 0.0)]
    [InlineData("S", 0.0)]
    [InlineData("-1S", 0.0)]
    [InlineData("123456789S", 0.0)]
    [InlineData("1x", 0.0)]
    public void ParseTimeout_Header_GivesDuration(string header, double expectedMs) =>
        Assert.Equal(expectedMs, GrpcHeaders.ParseTimeout(header).TotalMilliseconds, 4);

    [Fact]
    public void PercentEncode_OddCharacters_AreEscaped() =>
        Assert.Equal("100%25 full%0A%C3%A9", GrpcReply.PercentEncode("100% full\n\u00e9"));
}
