using System.Buffers.Binary;
using System.Linq;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using TelemetryPipeline.Receiver.Decompression;
using TelemetryPipeline.Receiver.Intake;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Receiver;

/// <summary>
/// Scenario: a compressed body loses its end, from its last byte to all of it.
/// Guarantees: 400 over HTTP and INVALID_ARGUMENT over gRPC. Snappy's framed stream has no end mark, so there a cut
/// between two chunks is a shorter stream.
/// </summary>
public sealed class TruncatedCompressionTests
{
    private const string TraceExport = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

    // Three frames of Snappy (64 KiB each) and more.
    private static readonly byte[] Spans = new TransferTraces().Request(150).ToByteArray();

    public static TheoryData<string, string> Codings => new()
    {
        { "gzip", "Gzip" },
        { "deflate", "Zlib" },
        { "zstd", "Zstd" },
        { "snappy", "Snappy" },
        { "x-snappy-framed", "Snappy" },
        { "lz4", "Lz4" },
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Codings))]
    public void Decompress_EveryPrefix_IsDamaged(string encoding, string coding)
    {
        var whole = Compressions.Compress(encoding, new TransferTraces().FromOneService(3).ToByteArray());
        for (var length = 0; length < whole.Length; length++)
        {
            var isBetweenChunks = encoding == "x-snappy-framed" && length == 10;
            Assert.True(
                isBetweenChunks || Decompress(coding, whole[..length]) == BodyProblem.Damaged,
                $"{encoding}: {length} of {whole.Length} bytes were taken as whole");
        }

        Assert.Equal(BodyProblem.None, Decompress(coding, whole));
    }

    [Theory]
    [MemberData(nameof(Codings))]
    public void Decompress_LargeBodyWithoutItsEnd_IsDamaged(string encoding, string coding)
    {
        var whole = Compressions.Compress(encoding, Spans);
        foreach (var missing in (int[])[1, 2, 3, 4, 5, 8, 9, 100, whole.Length / 2])
        {
            Assert.True(Decompress(coding, whole[..^missing]) == BodyProblem.Damaged, $"{encoding} without its last {missing} bytes");
        }
    }

    [Theory]
    [InlineData("FFFFFFFF07")] // 2 GiB - 1
    [InlineData("FFFFFFFF0F")] // 4 GiB - 1
    [InlineData("818004")] // 64 KiB + 1
    [InlineData("FFFFFFFFFF")] // a length without its end
    [InlineData("")]
    public void Decompress_SnappyChunkThatDeclaresMoreThanAChunkHolds_IsDamaged(string declared)
    {
        byte[] content = [0, 0, 0, 0, .. Convert.FromHexString(declared)];
        byte[] body = [.. Convert.FromHexString("FF060000734E61507059"), 0, (byte)content.Length, 0, 0, .. content];
        Decompress("Snappy", body); // What is made once is made.
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(BodyProblem.Damaged, Decompress("Snappy", body));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
    }

    // A frame header with the bit of a dictionary id, then that id: no dictionary was ever agreed on.
    [Theory]
    [InlineData("04224D18CF4040C0D8010000FF110A88040A77")]
    public async Task Post_Lz4FrameWithADictionary_Answers400(string hex)
    {
        var body = Convert.FromHexString(hex);
        Assert.Equal(BodyProblem.Damaged, Decompress("Lz4", body));
        await using var running = await RunningReceiver.StartAsync();
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        content.Headers.ContentEncoding.Add("lz4");
        using var response = await running.Http().PostAsync("/v1/traces", content, Token);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public void Decompress_SeveralGzipMembers_AreOneBody()
    {
        var body = Compressions.Compress("gzip", Spans);
        Assert.Equal(BodyProblem.None, Decompress("Gzip", [.. body, .. body]));
        Assert.Equal(BodyProblem.Damaged, Decompress("Gzip", [.. body, .. body[..^1]]));
        Assert.Equal(BodyProblem.Damaged, Decompress("Gzip", [.. body, .. body[..5]]));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("zlib")]
    [InlineData("zstd")]
    [InlineData("x-snappy-framed")]
    [InlineData("lz4")]
    public async Task Post_WithoutTheLastByte_Answers400(string encoding)
    {
        await using var running = await RunningReceiver.StartAsync();
        using var content = new ByteArrayContent(Compressions.Compress(encoding, Spans)[..^1]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        content.Headers.ContentEncoding.Add(encoding);
        using var response = await running.Http().PostAsync("/v1/traces", content, Token);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Empty(running.Sink.Batches);
    }

    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("zstd", "zstd")]
    [InlineData("snappy", "x-snappy-framed")]
    public async Task Call_WithoutTheLastByte_IsInvalidArgument(string encoding, string form)
    {
        await using var running = await RunningReceiver.StartAsync();
        var whole = Compressions.Compress(form, Spans);
        foreach (var (length, status) in ((int, string)[])[(whole.Length - 1, "3"), (whole.Length, "0")])
        {
            var message = new byte[5 + length];
            message[0] = 1;
            BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), length);
            whole.AsSpan(0, length).CopyTo(message.AsSpan(5));
            using var response = await running.CallAsync(TraceExport, message, headers: ("grpc-encoding", encoding));
            var headers = status == "0" ? response.TrailingHeaders : response.Headers;
            Assert.Equal(status, headers.GetValues("grpc-status").Single());
        }

        Assert.Single(running.Sink.Batches);
    }

    private static BodyProblem Decompress(string coding, byte[] bytes)
    {
        var budget = new ByteBudget(64 << 20);
        var compressed = new BodyBuffer(budget);
        var output = new BodyBuffer(budget);
        compressed.Begin(32 << 20);
        output.Begin(32 << 20);
        Assert.Equal(BodyProblem.None, compressed.TryAppend(new(bytes)));
        var problem = BodyDecompressor.Decompress(Enum.Parse<ContentCoding>(coding), compressed, output);
        compressed.Release();
        output.Release();
        return problem;
    }
}
