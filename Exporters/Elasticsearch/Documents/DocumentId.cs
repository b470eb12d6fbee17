using System.Buffers.Binary;
using System.Buffers.Text;
using System.IO.Hashing;

namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <summary>
/// Ids made from what a document stands for: what is written twice has one id, and the second write is refused as a
/// conflict instead of being stored.
/// </summary>
internal static class DocumentId
{
    /// <summary>Length of an id in characters.</summary>
    public const int Length = 22;

    /// <summary>A hash of bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    public static UInt128 Hash(ReadOnlySpan<byte> bytes) => XxHash128.HashToUInt128(bytes);

    /// <summary>A hash of several.</summary>
    /// <param name="kind">Keeps ids of different kinds of documents apart.</param>
    /// <param name="first">A hash.</param>
    /// <param name="second">A hash.</param>
    /// <param name="third">A hash.</param>
    /// <param name="number">A number.</param>
    public static UInt128 Combine(byte kind, UInt128 first, UInt128 second, UInt128 third, ulong number)
    {
        Span<byte> all = stackalloc byte[57];
        all[0] = kind;
        BinaryPrimitives.WriteUInt128BigEndian(all[1..], first);
        BinaryPrimitives.WriteUInt128BigEndian(all[17..], second);
        BinaryPrimitives.WriteUInt128BigEndian(all[33..], third);
        BinaryPrimitives.WriteUInt64BigEndian(all[49..], number);
        return Hash(all);
    }

    /// <summary>Writes an id.</summary>
    /// <param name="hash">The hash.</param>
    /// <param name="id">Takes <see cref="Length"/> characters.</param>
    public static void Write(UInt128 hash, Span<byte> id)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, hash);
        Base64Url.EncodeToUtf8(bytes, id);
    }
}
