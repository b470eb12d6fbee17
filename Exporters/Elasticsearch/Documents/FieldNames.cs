using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <summary>Names that an index refuses, or reads as others, and what is written instead.</summary>
internal static class FieldNames
{
    /// <summary>Parts between dots that a name keeps; an index stops at 20 levels, and some are around the name.</summary>
    public const int PartsMax = 15;

    // Bytes that white space can begin with, as an index understands it.
    private static readonly SearchValues<byte> Blank =
        SearchValues.Create([0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1C, 0x1D, 0x1E, 0x1F, 0x20, 0xE1, 0xE2, 0xE3]);

    /// <summary>
    /// Whether an index would refuse a name, for a part that is empty or blank or for too many parts, or the name is not
    /// UTF-8, so that it is written as another.
    /// </summary>
    /// <param name="name">The name.</param>
    public static bool IsOdd(ReadOnlySpan<byte> name) =>
        name.IsEmpty || name[0] == '.' || name[^1] == '.' || name.IndexOf(".."u8) >= 0
        || (name.Length > 2 * PartsMax && name.Count((byte)'.') >= PartsMax)
        || (name.ContainsAnyExceptInRange((byte)0x21, (byte)0x7E)
            && ((name.ContainsAny(Blank) && HasPart(name, static part => IsBlank(part))) || !Utf8.IsValid(name)));

    /// <summary>Whether a name could be taken for one that was mended.</summary>
    /// <param name="name">The name.</param>
    public static bool IsLikeMended(ReadOnlySpan<byte> name) => HasPart(name, static part => !part.ContainsAnyExcept((byte)'_'));

    /// <summary>
    /// Mends a name: an empty part becomes <c>_</c>, one of underscores gets one more, a blank one becomes <c>_</c> and its
    /// bytes in hexadecimal, parts beyond <see cref="PartsMax"/> are joined with underscores, and what is not UTF-8 becomes
    /// U+FFFD.
    /// </summary>
    /// <param name="name">The name.</param>
    /// <param name="target">Takes the mended name: three times the length of the name, and one.</param>
    /// <returns>The length of the mended name.</returns>
    public static int Mend(ReadOnlySpan<byte> name, Span<byte> target)
    {
        var length = 0;
        var parts = 0;
        foreach (var range in name.Split((byte)'.'))
        {
            if (parts > 0)
            {
                target[length++] = parts < PartsMax ? (byte)'.' : (byte)'_';
            }

            parts++;
            var part = name[range];
            if (!part.IsEmpty && IsBlank(part))
            {
                target[length++] = (byte)'_';
                foreach (var c in part)
                {
                    c.TryFormat(target[length..], out var written, "x2", CultureInfo.InvariantCulture);
                    length += written;
                }

                continue;
            }

            length += CopyAsUtf8(part, target[length..]);
            if (!part.ContainsAnyExcept((byte)'_'))
            {
                target[length++] = (byte)'_';
            }
        }

        return length;
    }

    private static int CopyAsUtf8(ReadOnlySpan<byte> part, Span<byte> target)
    {
        if (Utf8.IsValid(part))
        {
            part.CopyTo(target);
            return part.Length;
        }

        var length = 0;
        while (!part.IsEmpty)
        {
            Rune.DecodeFromUtf8(part, out var rune, out var read);
            length += rune.EncodeToUtf8(target[length..]);
            part = part[read..];
        }

        return length;
    }

    private static bool HasPart(ReadOnlySpan<byte> name, Func<ReadOnlySpan<byte>, bool> isWanted)
    {
        foreach (var range in name.Split((byte)'.'))
        {
            if (isWanted(name[range]))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsBlank(ReadOnlySpan<byte> part)
    {
        while (!part.IsEmpty)
        {
            Rune.DecodeFromUtf8(part, out var rune, out var length);
            if (!Rune.IsWhiteSpace(rune) && rune.Value is < 0x1C or > 0x1F)
            {
                return false;
            }

            part = part[length..];
        }

        return true;
    }
}
