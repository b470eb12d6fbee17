using System.Buffers.Binary;
using System.Numerics;

namespace TelemetryPipeline.Pipeline.Sending.Durable;

/// <summary>CRC-32C (Castagnoli), as of RFC 3720 B.4, by the processor's own instruction where it has one.</summary>
internal static class Crc32C
{
    public const uint Seed = 0xFFFFFFFF;

    /// <summary>Continues a checksum; the first call starts from <see cref="Seed"/>, the caller inverts the last result.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> data)
    {
        while (data.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[sizeof(ulong)..];
        }

        foreach (var value in data)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return crc;
    }
}
