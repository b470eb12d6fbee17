using System.IO.Compression;
using K4os.Compression.LZ4.Streams;
using Snappier;

namespace TelemetryPipeline.Tests.Receiver;

/// <summary>Compresses request bodies as clients do.</summary>
internal static class Compressions
{
    public static byte[] Compress(string encoding, byte[] body)
    {
        if (encoding == "snappy")
        {
            return Snappy.CompressToArray(body);
        }

        var output = new MemoryStream();
        using (var stream = Open(encoding, output))
        {
            stream.Write(body);
        }

        return output.ToArray();
    }

    private static Stream Open(string encoding, MemoryStream output) => encoding switch
    {
        "gzip" => new GZipStream(output, CompressionMode.Compress, leaveOpen: true),
        "deflate" or "zlib" => new ZLibStream(output, CompressionMode.Compress, leaveOpen: true),
        "zstd" => new ZstdSharp.CompressionStream(output, leaveOpen: true),
        "x-snappy-framed" => new SnappyStream(output, CompressionMode.Compress, leaveOpen: true),
        "lz4" => LZ4Stream.Encode(output, leaveOpen: true),
        _ => throw new ArgumentOutOfRangeException(nameof(encoding)),
    };
}
