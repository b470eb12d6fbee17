using System.Buffers;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Mapping;

/// <summary>Finds an entry in the text of a W3C baggage header: <c>key1=value1;property,key2=value2</c>.</summary>
internal static class BaggageHeader
{
    /// <summary>Finds an entry.</summary>
    /// <param name="header">The attribute that holds the header: a text, or a list of texts.</param>
    /// <param name="key">The entry's key.</param>
    /// <param name="scratch">Room for the decoded value; longer values are left out.</param>
    /// <param name="length">Bytes of the value in <paramref name="scratch"/>.</param>
    public static bool TryFind(AnyValueView header, ReadOnlySpan<byte> key, Span<byte> scratch, out int length)
    {
        foreach (var element in header.Elements)
        {
            if (TryFind(element.Text, key, scratch, out length))
            {
                return true;
            }
        }

        return TryFind(header.Text, key, scratch, out length);
    }

    private static bool TryFind(ReadOnlySpan<byte> header, ReadOnlySpan<byte> key, Span<byte> scratch, out int length)
    {
        length = 0;
        while (!header.IsEmpty)
        {
            var comma = header.IndexOf((byte)',');
            var member = comma < 0 ? header : header[..comma];
            header = comma < 0 ? default : header[(comma + 1)..];
            var equal = member.IndexOf((byte)'=');
            if (equal < 0 || !member[..equal].Trim(" \t"u8).SequenceEqual(key))
            {
                continue;
            }

            var value = member[(equal + 1)..];
            var property = value.IndexOf((byte)';');
            return TryDecode((property < 0 ? value : value[..property]).Trim(" \t"u8), scratch, out length);
        }

        return false;
    }

    /// <summary>Undoes percent-encoding.</summary>
    private static bool TryDecode(ReadOnlySpan<byte> value, Span<byte> scratch, out int length)
    {
        length = 0;
        Span<byte> hex = stackalloc byte[1];
        for (var i = 0; i < value.Length; i++)
        {
            if (length == scratch.Length)
            {
                return false;
            }

            var decoded = value[i];
            if (decoded == (byte)'%' && i + 2 < value.Length
                && Convert.FromHexString(value.Slice(i + 1, 2), hex, out _, out _) == OperationStatus.Done)
            {
                decoded = hex[0];
                i += 2;
            }

            scratch[length++] = decoded;
        }

        return length > 0;
    }
}
