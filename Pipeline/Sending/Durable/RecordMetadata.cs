using System.Buffers.Binary;
using System.Text;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Pipeline.Sending.Durable;

/// <summary>
/// The request headers of a record: for each its name and its number of values, then the values; texts are UTF-8 with
/// their length before them, numbers 32 bits little-endian. No headers take no bytes.
/// </summary>
internal static class RecordMetadata
{
    /// <summary>Encodes the headers of the given names.</summary>
    public static byte[] Encode(RequestMetadata? metadata, IReadOnlyList<string> names)
    {
        if (metadata is null || names.Count == 0)
        {
            return [];
        }

        using var bytes = new MemoryStream();
        foreach (var name in names)
        {
            var values = metadata.Get(name);
            if (values.Count == 0)
            {
                continue;
            }

            WriteText(bytes, name);
            WriteNumber(bytes, values.Count);
            foreach (var value in values)
            {
                WriteText(bytes, value);
            }
        }

        return bytes.ToArray();
    }

    /// <summary>The headers; null where there are none. The checksum has been verified, so a misfit ends the list.</summary>
    public static RequestMetadata? Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return null;
        }

        var headers = new List<KeyValuePair<string, IReadOnlyList<string>>>();
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        while (TryReadText(ref bytes, out var name) && names.Add(name) && TryReadNumber(ref bytes, out var count))
        {
            var values = new List<string>();
            while (count-- > 0 && TryReadText(ref bytes, out var value))
            {
                values.Add(value);
            }

            headers.Add(new(name, values));
        }

        return new RequestMetadata(headers);
    }

    private static void WriteNumber(MemoryStream target, int number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        target.Write(bytes);
    }

    private static void WriteText(MemoryStream target, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        WriteNumber(target, bytes.Length);
        target.Write(bytes);
    }

    private static bool TryReadNumber(ref ReadOnlySpan<byte> source, out int number)
    {
        if (!BinaryPrimitives.TryReadInt32LittleEndian(source, out number) || number < 0)
        {
            return false;
        }

        source = source[sizeof(int)..];
        return true;
    }

    private static bool TryReadText(ref ReadOnlySpan<byte> source, out string text)
    {
        text = "";
        if (!TryReadNumber(ref source, out var length) || length > source.Length)
        {
            return false;
        }

        text = Encoding.UTF8.GetString(source[..length]);
        source = source[length..];
        return true;
    }
}
