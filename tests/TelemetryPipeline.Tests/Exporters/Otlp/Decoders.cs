using System.Buffers.Binary;
using System.IO.Compression;
using ZstdSharp;

namespace TelemetryPipeline.Tests.Exporters.Otlp;

/// <summary>Undoes what exporters did to a payload; Snappy is written out here from its format description.</summary>
internal static class Decoders
{
    public static byte[] Decode(string encoding, byte[] bytes) => encoding switch
    {
        "gzip" => ReadAll(new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress)),
        "zlib" or "deflate" => ReadAll(new ZLibStream(new MemoryStream(bytes), CompressionMode.Decompress)),
        "zstd" => ReadAll(new DecompressionStream(new MemoryStream(bytes))),
        "snappy-block" => SnappyBlock(bytes),
        "snappy-framed" => SnappyFramed(bytes),
        _ => bytes,
    };

    private static byte[] ReadAll(Stream stream)
    {
        using (stream)
        {
            using var all = new MemoryStream();
            stream.CopyTo(all);
            return all.ToArray();
        }
    }

    // google/snappy framing_format.txt: type, three bytes of length, and a CRC before the data of types 0 and 1.
    private static byte[] SnappyFramed(byte[] bytes)
    {
        var all = new List<byte>();
        var at = 0;
        while (at < bytes.Length)
        {
            var type = bytes[at];
            var length = bytes[at + 1] | (bytes[at + 2] << 8) | (bytes[at + 3] << 16);
            var chunk = bytes.AsSpan(at + 4, length);
            at += 4 + length;
            switch (type)
            {
                case 0xff:
                    Assert.Equal("sNaPpY"u8.ToArray(), chunk.ToArray());
                    break;
                case 0:
                    all.AddRange(SnappyBlock(chunk[4..].ToArray()));
                    break;
                case 1:
                    all.AddRange(chunk[4..].ToArray());
                    break;
                default:
                    Assert.True(type >= 0x80, $"unexpected chunk type {type}");
                    break;
            }
        }

        return [.. all];
    }

    // google/snappy format_description.txt.
    private static byte[] SnappyBlock(byte[] bytes)
    {
        var at = 0;
        var length = 0;
        for (var shift = 0; ; shift += 7)
        {
            var b = bytes[at++];
            length |= (b & 0x7f) << shift;
            if (b < 0x80)
            {
                break;
            }
        }

        var all = new List<byte>(length);
        while (at < bytes.Length)
        {
            var tag = bytes[at++];
            if ((tag & 3) == 0)
            {
                var count = (tag >> 2) + 1;
                if (count > 60)
                {
                    var extra = count - 60;
                    count = 1;
                    for (var i = 0; i < extra; i++)
                    {
                        count += bytes[at++] << (8 * i);
                    }
                }

                all.AddRange(bytes.AsSpan(at, count));
                at += count;
                continue;
            }

            var (copy, offset) = (tag & 3) switch
            {
                1 => (((tag >> 2) & 7) + 4, ((tag >> 5) << 8) | bytes[at++]),
                2 => ((tag >> 2) + 1, BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan((at += 2) - 2))),
                _ => ((tag >> 2) + 1, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan((at += 4) - 4))),
            };
            for (var i = 0; i < copy; i++)
            {
                all.Add(all[^offset]);
            }
        }

        Assert.Equal(length, all.Count);
        return [.. all];
    }
}
