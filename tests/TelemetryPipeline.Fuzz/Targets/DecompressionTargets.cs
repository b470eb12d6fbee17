using System.Buffers;
using System.IO.Compression;
using System.Linq;
using K4os.Compression.LZ4.Streams;
using Snappier;
using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Receiver.Decompression;
using TelemetryPipeline.Receiver.Intake;

namespace TelemetryPipeline.Fuzz.Targets;

/// <summary>Request bodies in every content coding: damaged ones, and whole ones cut short.</summary>
internal static class DecompressionTargets
{
    private const int LimitBytes = 64 * 1024;

    private static readonly (string Name, ContentCoding Coding)[] Codings =
    [
        ("gzip", ContentCoding.Gzip),
        ("zlib", ContentCoding.Zlib),
        ("zstd", ContentCoding.Zstd),
        ("snappy-block", ContentCoding.Snappy),
        ("snappy-framed", ContentCoding.Snappy),
        ("lz4", ContentCoding.Lz4),
    ];

    public static IEnumerable<FuzzTarget> All => Codings.SelectMany(static coding => (FuzzTarget[])
    [
        new FuzzTarget
        {
            Name = $"decompress-{coding.Name}",
            Form = InputForm.Bytes,
            Seeds = () => Seeds.Requests(Signal.Traces).Concat([[], new byte[5000]]).Select(plain => Compress(coding.Name, plain)),
            Run = (input, outcome) => Decompress(coding.Coding, input, outcome, out _),
        },
        new FuzzTarget
        {
            Name = $"compress-{coding.Name}",
            Form = InputForm.Bytes,
            Seeds = () => Seeds.Requests(Signal.Traces).Concat([[], new byte[5000]]),
            Run = (input, outcome) => RoundTrip(coding, input, outcome),
        },
    ]);

    /// <summary>Compresses as clients do.</summary>
    public static byte[] Compress(string coding, byte[] plain)
    {
        if (coding == "snappy-block")
        {
            using var block = new PooledBuffer();
            using var compressor = new PayloadCompressor(PayloadEncoding.SnappyBlock, 0);
            compressor.Compress(new Payload(plain), block);
            return block.Written.ToArray();
        }

        using var output = new MemoryStream();
        using (Stream encoder = coding switch
        {
            "gzip" => new GZipStream(output, CompressionMode.Compress, leaveOpen: true),
            "zlib" => new ZLibStream(output, CompressionMode.Compress, leaveOpen: true),
            "zstd" => new ZstdSharp.CompressionStream(output, leaveOpen: true),
            "snappy-framed" => new SnappyStream(output, CompressionMode.Compress, leaveOpen: true),
            _ => LZ4Stream.Encode(output, leaveOpen: true),
        })
        {
            encoder.Write(plain);
        }

        return output.ToArray();
    }

    private static void RoundTrip((string Name, ContentCoding Coding) coding, byte[] plain, Outcome outcome)
    {
        var compressed = Compress(coding.Name, plain);
        if (compressed.Length == 0)
        {
            // .NET's encoders of gzip and zlib write nothing for nothing, which is no stream.
            FuzzFailureException.ThrowUnless(plain.Length == 0, "content is compressed to something");
            return;
        }

        FuzzFailureException.ThrowUnless(
            Decompress(coding.Coding, compressed, outcome, out var restored) == BodyProblem.None && restored.AsSpan().SequenceEqual(plain),
            "what was compressed is restored");

        // Nothing but the whole is the whole; where it is cut follows from the content, so that a run can be repeated.
        var length = (int)(outcome.Value % (ulong)compressed.Length);
        FuzzFailureException.ThrowUnless(
            length == 0 || (coding.Name == "snappy-framed" && IsBetweenChunks(compressed, length))
            || Decompress(coding.Coding, compressed[..length], outcome, out _) != BodyProblem.None,
            "a body that was cut short is refused");
    }

    // Snappy's framing has no end mark, so what is cut between two chunks is a shorter stream.
    private static bool IsBetweenChunks(ReadOnlySpan<byte> stream, int length)
    {
        var at = 0;
        while (at < length)
        {
            at += 4 + (stream[at + 1] | stream[at + 2] << 8 | stream[at + 3] << 16);
        }

        return at == length;
    }

    private static BodyProblem Decompress(ContentCoding coding, byte[] input, Outcome outcome, out byte[] restored)
    {
        var budget = new ByteBudget(16 * LimitBytes);
        var compressed = new BodyBuffer(budget);
        var output = new BodyBuffer(budget);
        try
        {
            compressed.Begin(16 * LimitBytes);
            FuzzFailureException.ThrowUnless(
                compressed.TryAppend(new ReadOnlySequence<byte>(input)) == BodyProblem.None, "an input fits into its buffer");
            output.Begin(LimitBytes);
            var problem = BodyDecompressor.Decompress(coding, compressed, output);
            FuzzFailureException.ThrowUnless(
                problem is BodyProblem.None or BodyProblem.Damaged or BodyProblem.Truncated or BodyProblem.TooLarge or BodyProblem.NoRoom,
                $"a body is whole, damaged or too large, got {problem}");
            FuzzFailureException.ThrowUnless(output.Length <= LimitBytes, "output stays within its limit");
            outcome.Add((long)problem);
            restored = problem == BodyProblem.None ? output.Written.ToArray() : [];
            outcome.Add(restored);
            return problem;
        }
        finally
        {
            compressed.Release();
            output.Release();
            FuzzFailureException.ThrowUnless(budget.TakenBytes == 0, "every byte goes back to the budget");
        }
    }
}
