using CsCheck;
using Google.Protobuf;
using OpenTelemetry.Proto.Common.V1;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Otlp;

public sealed class OtlpRequestTests
{
    [Fact]
    public void TryValidate_GeneratedRequests_CountsWhatTheOracleCounts() => OtlpGenerators.AnyRequest.Sample(
        static generated =>
        {
            foreach (var (framing, bytes) in Framings.Of(generated.Request.ToByteArray()))
            {
                Assert.True(
                    OtlpRequest.TryValidate(generated.Signal, bytes.Span, out var items, out var error), $"{framing}: {error}");
                Assert.Equal(Oracle.CountItems(generated.Request), items);
            }
        },
        iter: 300);

    [Fact]
    public void TryValidate_CutOffAnywhere_AgreesWithTheOracle()
    {
        for (var signal = Signal.Traces; signal <= Signal.Logs; signal++)
        {
            var request = SmallRequest(signal);
            foreach (var bytes in Framings.Truncations(request))
            {
                Assert.Equal(Oracle.Accepts(signal, bytes.Span), OtlpRequest.TryValidate(signal, bytes.Span, out _, out _));
            }
        }
    }

    [Fact]
    public void TryValidate_MutatedRequests_AcceptsNothingThatTheOracleRefuses() => Gen.Select(
        OtlpGenerators.AnyRequest, Gen.Int).Sample(
        static (generated, seed) =>
        {
            var random = new Random(seed);
            var bytes = generated.Request.ToByteArray();
            for (var i = 0; i < 20 && bytes.Length > 0; i++)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                if (OtlpRequest.TryValidate(generated.Signal, bytes, out _, out var error))
                {
                    Assert.True(Oracle.Accepts(generated.Signal, bytes));
                }
                else
                {
                    Assert.InRange(error.Offset, 0, bytes.Length);
                }
            }
        },
        iter: 300);

    [Fact]
    public void TryValidate_RandomBytes_NeverThrows() => Gen.Select(Gen.Int[0, 2], Gen.Byte.Array[0, 200]).Sample(
        static (signal, bytes) =>
        {
            if (OtlpRequest.TryValidate((Signal)signal, bytes, out _, out _))
            {
                Assert.True(Oracle.Accepts((Signal)signal, bytes));
            }
        },
        iter: 3000);

    [Theory]
    [InlineData(42, true)]
    [InlineData(10_000, false)]
    public void TryValidate_NestedArrays_RefusesBeyondTheLimit(int arrays, bool valid)
    {
        Assert.Equal(valid, OtlpRequest.TryValidate(Signal.Traces, NestedArrays(arrays), out _, out var error));
        Assert.Equal(valid ? null : "messages are nested more than 100 deep", error.Problem);
    }

    [Theory]
    [InlineData("0A0C12 0A 12 08 0A 06 AAAAAAAAAAAA", "a trace id is 6 bytes long, not 16 at byte 6")]
    [InlineData("0A 05 12", "field 1 of TracesRequest is 5 bytes long, only 1 are left at byte 0")]
    [InlineData("0A FFFFFFFFFF01", "a length of 68719476735 bytes is impossible at byte 1")]
    [InlineData("08 01", "field 1 of TracesRequest has wire type 0, not 2 at byte 0")]
    [InlineData("02", "field number 0 does not exist at byte 0")]
    [InlineData("0C", "field 1 of TracesRequest has wire type 4, not 2 at byte 0")]
    [InlineData("7C", "a group ends that did not begin at byte 0")]
    [InlineData("7B 08 01", "group 15 does not end at byte 0")]
    [InlineData("7B 74", "group 15 ends as group 14 at byte 1")]
    [InlineData("7E", "wire type 6 does not exist at byte 0")]
    [InlineData("78 FFFFFFFFFFFFFFFFFFFF01", "a number is longer than 10 bytes at byte 1")]
    public void TryValidate_DamagedRequest_SaysWhatAndWhere(string hex, string expected)
    {
        var bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        Assert.False(OtlpRequest.TryValidate(Signal.Traces, bytes, out var items, out var error));
        Assert.Equal((expected, 0), (error.ToString(), items));
    }

    [Theory]
    [InlineData("")]
    [InlineData("78 05")]
    [InlineData("7B 08 01 73 74 7C")]
    [InlineData("7A 03 010203")]
    [InlineData("C23E 00")]
    public void TryValidate_NothingOrUnknownFields_IsAnEmptyRequest(string hex)
    {
        var bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        Assert.True(OtlpRequest.TryValidate(Signal.Traces, bytes, out var items, out var error), error.ToString());
        Assert.Equal(0, items);
    }

    [Fact]
    public void TryValidate_TextThatIsNoUtf8_IsPassedOn()
    {
        var request = new TransferTraces().FromOneService(1).ToByteArray();
        request[request.AsSpan().IndexOf("production"u8)] = 0xFF;
        Assert.True(OtlpRequest.TryValidate(Signal.Traces, request, out _, out _));
    }

    [Fact]
    public void TryValidate_AnyRequest_AllocatesNothing()
    {
        var bytes = new TransferTraces().FromOneService(500).ToByteArray();
        Assert.Equal(0, Allocations.Least(() => OtlpRequest.TryValidate(Signal.Traces, bytes, out _, out _)));
    }

    private static byte[] SmallRequest(Signal signal)
    {
        for (var seed = 1; ; seed++)
        {
            var bytes = OtlpGenerators.Request(signal, seed).ToByteArray();
            if (bytes.Length is > 1000 and < 4000)
            {
                return bytes;
            }
        }
    }

    /// <summary>Written from the inside out: the oracle's writer recurses too deep for this.</summary>
    private static byte[] NestedArrays(int arrays)
    {
        var parts = new Stack<byte[]>();
        var inner = new AnyValue { IntValue = 1 }.ToByteArray();
        byte[] tags = [0x0A, 0x2A];
        var length = inner.Length;
        for (var i = 0; i < 2 * arrays; i++)
        {
            var header = Header(tags[i % 2], length);
            parts.Push(header);
            length += header.Length;
        }

        foreach (var tag in (byte[])[0x12, 0x4A, 0x12, 0x12, 0x0A])
        {
            var header = Header(tag, length);
            parts.Push(header);
            length += header.Length;
        }

        var bytes = new List<byte>(length);
        foreach (var part in parts)
        {
            bytes.AddRange(part);
        }

        bytes.AddRange(inner);
        return [.. bytes];
    }

    private static byte[] Header(byte tag, int length)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            output.WriteRawTag(tag);
            output.WriteLength(length);
        }

        return stream.ToArray();
    }
}
