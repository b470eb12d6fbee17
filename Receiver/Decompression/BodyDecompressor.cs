using System.IO.Compression;
using K4os.Compression.LZ4.Streams;
using Snappier;
using TelemetryPipeline.Receiver.Intake;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace TelemetryPipeline.Receiver.Decompression;

/// <summary>
/// Decompresses request bodies. The output's limit counts while it is written, so a small body that unfolds into a
/// huge one costs no more than the limit.
/// </summary>
internal static class BodyDecompressor
{
    // RFC 8878, 3.1.1.1.2 recommends that decoders take windows of up to 8 MiB; a frame may ask for far more.
    private const int ZstdWindowLogMax = 23;

    // framing_format.txt of Snappy, section 4.2: a chunk holds at most this much, so nobody may ask for a larger buffer.
    private const int SnappyChunkBytesMax = 64 * 1024;
    private const int SnappyChecksumLength = 4;
    private const byte SnappyCompressedChunk = 0;

    // "Stream identifier" of the framing format: every framed stream begins with it.
    private static ReadOnlySpan<byte> SnappyStreamStart => [0xff, 0x06, 0x00, 0x00, (byte)'s', (byte)'N', (byte)'a', (byte)'P', (byte)'p', (byte)'Y'];

    /// <summary>Decompresses a whole body.</summary>
    /// <param name="coding">How it is compressed.</param>
    /// <param name="compressed">The body.</param>
    /// <param name="output">Takes the result; begun with its limit.</param>
    /// <remarks>
    /// A body that ends early is <see cref="BodyProblem.Damaged"/>, also where only its trailer is missing: with zlib that
    /// rests on <c>System.IO.Compression.UseStrictValidation</c>, which Directory.Build.targets sets for every program.
    /// </remarks>
    public static BodyProblem Decompress(ContentCoding coding, BodyBuffer compressed, BodyBuffer output)
    {
        if (compressed.Length == 0)
        {
            return BodyProblem.Damaged;
        }

        try
        {
            if (coding == ContentCoding.Snappy && !compressed.Written.StartsWith(SnappyStreamStart))
            {
                return DecompressBlock(compressed.Written, output);
            }

            if (coding == ContentCoding.Snappy && !HasSoundChunks(compressed.Written))
            {
                return BodyProblem.Damaged;
            }

            using var source = compressed.AsStream();
            using var decoder = OpenDecoder(coding, source);
            return Copy(decoder, output);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or ZstdException or ArgumentException
            or NotSupportedException or NotImplementedException or InvalidOperationException or IndexOutOfRangeException
            or OverflowException)
        {
            // The libraries tell damage in their own ways; the body is all they were given, so it is to blame.
            return BodyProblem.Damaged;
        }
    }

    private static Stream OpenDecoder(ContentCoding coding, Stream source) => coding switch
    {
        ContentCoding.Gzip => new GZipStream(source, CompressionMode.Decompress),
        ContentCoding.Zlib => new ZLibStream(source, CompressionMode.Decompress),
        ContentCoding.Zstd => OpenZstd(source),
        ContentCoding.Snappy => new SnappyStream(source, CompressionMode.Decompress),
        ContentCoding.Lz4 => LZ4Stream.Decode(source),
        _ => source,
    };

    private static DecompressionStream OpenZstd(Stream source)
    {
        var stream = new DecompressionStream(source);
        stream.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, ZstdWindowLogMax);
        return stream;
    }

    private static BodyProblem Copy(Stream decoder, BodyBuffer output)
    {
        while (true)
        {
            var problem = output.TryGetRoom(out var room);
            if (problem == BodyProblem.TooLarge)
            {
                // Full to the limit: fine if the body ends here.
                return decoder.ReadByte() < 0 ? BodyProblem.None : BodyProblem.TooLarge;
            }

            if (problem != BodyProblem.None)
            {
                return problem;
            }

            var count = decoder.Read(room);
            if (count == 0)
            {
                return BodyProblem.None;
            }

            output.Advance(count);
        }
    }

    // The decoder takes an end within a chunk for the end of the stream, and allocates what a chunk says it holds. A chunk is a type, a length in three bytes, little
    // endian, and that many bytes (framing_format.txt of Snappy, section 4).
    private static bool HasSoundChunks(ReadOnlySpan<byte> stream)
    {
        const int ChunkHeaderLength = 4;
        while (stream.Length >= ChunkHeaderLength)
        {
            var end = ChunkHeaderLength + (stream[1] | stream[2] << 8 | stream[3] << 16);
            if (end > stream.Length
                || (stream[0] == SnappyCompressedChunk && !HoldsAtMostAChunk(stream[ChunkHeaderLength..end])))
            {
                return false;
            }

            stream = stream[end..];
        }

        return stream.IsEmpty;
    }

    // A length of 2 GiB or more comes out negative.
    private static bool HoldsAtMostAChunk(ReadOnlySpan<byte> content) => content.Length > SnappyChecksumLength
        && Snappy.GetUncompressedLength(content[SnappyChecksumLength..]) is >= 0 and <= SnappyChunkBytesMax;

    private static BodyProblem DecompressBlock(ReadOnlySpan<byte> compressed, BodyBuffer output)
    {
        // A length of 2 GiB or more comes out negative.
        var length = Snappy.GetUncompressedLength(compressed);
        var problem = length < 0 ? BodyProblem.TooLarge : output.TryReserve(length);
        if (problem != BodyProblem.None)
        {
            return problem;
        }

        var written = Snappy.Decompress(compressed, output.Room);
        output.Advance(written);
        return written == length ? BodyProblem.None : BodyProblem.Damaged;
    }
}
