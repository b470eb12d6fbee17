using System.Buffers;
using System.Globalization;
using System.Text;

namespace TelemetryPipeline.Processors.FinancialEnrichment.SensitiveValues;

/// <summary>
/// A text with the forms of its characters evened out, and the way back to the text: digits, letters and signs of any width
/// and script become ASCII, spaces and dashes become one of each, invisible characters are left out, and JSON escapes
/// (<c>\u0036</c>) are undone. Not thread-safe; reused for the next text.
/// </summary>
internal sealed class TextSkeleton
{
    /// <summary>What stands for a character that is no part of any number or word.</summary>
    public const byte Other = 0x80;

    private const int Removed = -1;
    private const int EscapeDigits = 4;

    // An escape inside text that was escaped again and again.
    private const int BackslashesMax = 8;
    private const int KeptMax = 16 * 1024;

    private byte[] _bytes = new byte[256];
    private int[] _places = new int[257];
    private int _length;

    /// <summary>The evened text.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    /// <summary>Whether a text differs from its skeleton.</summary>
    public static bool IsNeeded(ReadOnlySpan<byte> text) => !Ascii.IsValid(text) || text.IndexOf("\\u"u8) >= 0;

    /// <summary>Reads a text.</summary>
    public void Read(ReadOnlySpan<byte> text)
    {
        if (_bytes.Length < text.Length || (_bytes.Length > KeptMax && text.Length <= KeptMax))
        {
            _bytes = new byte[text.Length];
            _places = new int[text.Length + 1];
        }

        _length = 0;
        for (var at = 0; at < text.Length;)
        {
            var (value, consumed) = Next(text[at..]);
            if (value != Removed)
            {
                _places[_length] = at;
                _bytes[_length++] = (byte)value;
            }

            at += consumed;
        }

        _places[_length] = text.Length;
    }

    /// <summary>Where a part of the skeleton stands in the text.</summary>
    /// <param name="index">Where the part begins.</param>
    /// <param name="length">Its length, 1 or more.</param>
    /// <param name="text">The text that was read.</param>
    public (int Start, int Length) PlaceOf(int index, int length, ReadOnlySpan<byte> text)
    {
        var start = _places[index];
        var last = _places[index + length - 1];
        return (start, last + Next(text[last..]).Consumed - start);
    }

    /// <summary>The first byte of the skeleton at or after a place in the text.</summary>
    public int IndexOf(int place)
    {
        var index = Array.BinarySearch(_places, 0, _length + 1, place);
        return index < 0 ? ~index : index;
    }

    /// <summary>What a code point becomes: a byte of ASCII, <see cref="Other"/>, or a negative number for nothing.</summary>
    public static int Fold(Rune rune)
    {
        switch (rune.Value)
        {
            case < 0x80:
                return rune.Value;
            case >= 0x4E00 and <= 0x9FFF:
                return Other;
            case >= 0xFF01 and <= 0xFF5E:
                return rune.Value - 0xFEE0;
            case 0x2212:
                return '-';
            case 0xB7 or 0x2024 or 0x2027 or 0x30FB:
                return '.';
            case 0x2044 or 0x2215:
                return '/';
            case 0x2169 or 0x2179:
                return 'X';
            default:
                break;
        }

        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.DecimalDigitNumber => '0' + (int)Rune.GetNumericValue(rune),
            UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => ' ',
            UnicodeCategory.DashPunctuation => '-',
            UnicodeCategory.Format or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark => Removed,
            _ => Other,
        };
    }

    private static (int Value, int Consumed) Next(ReadOnlySpan<byte> text) => text[0] switch
    {
        (byte)'\\' => Escaped(text),
        < 0x80 => (text[0], 1),
        _ => Decode(text),
    };

    private static (int Value, int Consumed) Decode(ReadOnlySpan<byte> text) =>
        Rune.DecodeFromUtf8(text, out var rune, out var consumed) == OperationStatus.Done ? (Fold(rune), consumed) : (Other, 1);

    private static (int Value, int Consumed) Escaped(ReadOnlySpan<byte> text)
    {
        var slashes = text[..Math.Min(text.Length, BackslashesMax)].IndexOfAnyExcept((byte)'\\');
        if (slashes <= 0 || !TryUnit(text[slashes..], out var unit))
        {
            return ((byte)'\\', 1);
        }

        var consumed = slashes + 1 + EscapeDigits;
        if (char.IsHighSurrogate(unit) && text.Length > consumed + slashes
            && text.Slice(consumed, slashes).IndexOfAnyExcept((byte)'\\') < 0
            && TryUnit(text[(consumed + slashes)..], out var low) && Rune.TryCreate(unit, low, out var pair))
        {
            return (Fold(pair), 2 * consumed);
        }

        return (Rune.TryCreate(unit, out var rune) ? Fold(rune) : Other, consumed);
    }

    private static bool TryUnit(ReadOnlySpan<byte> text, out char unit)
    {
        ushort value = 0;
        var isUnit = text.Length > EscapeDigits && text[0] == (byte)'u'
            && ushort.TryParse(text.Slice(1, EscapeDigits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
        unit = (char)value;
        return isUnit;
    }
}
