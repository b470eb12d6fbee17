using System.Buffers;
using System.Globalization;
using System.Text;
using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Exporters.DebugOutput;

/// <summary>Lines on their way to a destination. What came from outside is freed of control characters on the way in.</summary>
/// <remarks>Not thread-safe. Holds some 64 KiB and one item.</remarks>
/// <param name="destination">Takes the lines.</param>
internal sealed class TextBlock(IDebugDestination destination) : IDisposable
{
    private const int PieceSize = 64 * 1024;
    private const int NanosecondsPerTick = 100;
    private const int NanosecondsPerSecond = 1_000_000_000;

    // Room for the longest number: the largest double with six decimals.
    private const int NumberLengthMax = 512;

    private readonly PooledBuffer _lines = new();
    private readonly ArrayBufferWriter<byte> _value = new();

    /// <summary>Adds text of the program itself.</summary>
    /// <param name="text">The text.</param>
    public TextBlock Add(ReadOnlySpan<byte> text)
    {
        _lines.Write(text);
        return this;
    }

    /// <summary>Adds text from outside: control characters are written as escapes, damage as U+FFFD.</summary>
    /// <param name="text">The text; it need not be UTF-8.</param>
    public TextBlock AddForeign(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            var plain = text.IndexOfAnyExceptInRange((byte)' ', (byte)'~');
            plain = plain < 0 ? text.Length : plain;
            _lines.Write(text[..plain]);
            text = text[plain..];
            if (!text.IsEmpty)
            {
                Rune.DecodeFromUtf8(text, out var rune, out var length);
                AddRune(rune);
                text = text[length..];
            }
        }

        return this;
    }

    /// <summary>Adds a whole number.</summary>
    /// <param name="number">The number.</param>
    public TextBlock Add(long number) => AddFormatted(number, default);

    /// <summary>Adds a whole number.</summary>
    /// <param name="number">The number.</param>
    public TextBlock Add(ulong number) => AddFormatted(number, default);

    /// <summary>Adds a number with six decimals.</summary>
    /// <param name="number">The number.</param>
    public TextBlock AddFixed(double number) =>
        double.IsFinite(number) ? AddFormatted(number, "F6") : Add(NonFinite(number));

    /// <summary>Adds a number with as many digits as it takes to read it back.</summary>
    /// <param name="number">The number.</param>
    public TextBlock AddShortest(double number) =>
        double.IsFinite(number) ? Add(Encoding.UTF8.GetBytes(ShortestNumber.Format(number))) : Add(NonFinite(number));

    /// <summary>Adds an id as hex; nothing where it is missing or zero.</summary>
    /// <param name="id">The id.</param>
    public TextBlock AddId(ReadOnlySpan<byte> id)
    {
        if (id.ContainsAnyExcept((byte)0))
        {
            var hex = _lines.GetSpan(id.Length * 2);
            Convert.TryToHexStringLower(id, hex, out var written);
            _lines.Advance(written);
        }

        return this;
    }

    /// <summary>Adds a time as date, time to the nanosecond without zeros at its end, and zone.</summary>
    /// <param name="unixNs">Nanoseconds since the Unix epoch.</param>
    public TextBlock AddTime(ulong unixNs)
    {
        AddFormatted(DateTime.UnixEpoch.AddTicks((long)(unixNs / NanosecondsPerTick)), "yyyy-MM-dd HH:mm:ss");
        var fraction = unixNs % NanosecondsPerSecond;
        if (fraction != 0)
        {
            Add("."u8);
            var digits = _lines.GetSpan(NumberLengthMax);
            fraction.TryFormat(digits, out var length, "D9", CultureInfo.InvariantCulture);
            _lines.Advance(digits[..length].TrimEnd((byte)'0').Length);
        }

        return Add(" +0000 UTC"u8);
    }

    /// <summary>Adds an attribute's value.</summary>
    /// <param name="value">The value.</param>
    public TextBlock AddValue(AnyValueView value)
    {
        _value.ResetWrittenCount();
        value.WriteText(_value);
        return AddForeign(_value.WrittenSpan);
    }

    /// <summary>Adds an attribute's value inside its type's name.</summary>
    /// <param name="value">The value.</param>
    public TextBlock AddTyped(AnyValueView value) => Add(TypeName(value.Kind)).Add("("u8).AddValue(value).Add(")"u8);

    /// <summary>Ends the line.</summary>
    public TextBlock EndLine() => Add("\n"u8);

    /// <summary>Hands over what is there when it is much. To be called between two items.</summary>
    public void EndItem()
    {
        if (_lines.Length >= PieceSize)
        {
            Flush();
        }
    }

    /// <summary>Hands over all that is there.</summary>
    public void Flush()
    {
        try
        {
            if (_lines.Length > 0)
            {
                destination.WriteText(_lines.WrittenSpan);
            }
        }
        finally
        {
            _lines.Clear();
        }
    }

    /// <summary>Returns the memory; further calls do nothing.</summary>
    public void Dispose() => _lines.Dispose();

    private static ReadOnlySpan<byte> NonFinite(double number) =>
        double.IsNaN(number) ? "NaN"u8 : number > 0 ? "+Inf"u8 : "-Inf"u8;

    private static ReadOnlySpan<byte> TypeName(AnyValueKind kind) => kind switch
    {
        AnyValueKind.Text => "Str"u8,
        AnyValueKind.Bool => "Bool"u8,
        AnyValueKind.Int => "Int"u8,
        AnyValueKind.Double => "Double"u8,
        AnyValueKind.Array => "Slice"u8,
        AnyValueKind.KeyValueList => "Map"u8,
        AnyValueKind.Bytes => "Bytes"u8,
        _ => "Empty"u8,
    };

    private TextBlock AddFormatted<T>(T number, ReadOnlySpan<char> format)
        where T : IUtf8SpanFormattable
    {
        number.TryFormat(_lines.GetSpan(NumberLengthMax), out var length, format, CultureInfo.InvariantCulture);
        _lines.Advance(length);
        return this;
    }

    private void AddRune(Rune rune)
    {
        const int LineSeparator = 0x2028;
        const int ParagraphSeparator = 0x2029;
        if (Rune.IsControl(rune) || rune.Value is LineSeparator or ParagraphSeparator)
        {
            Add(Encoding.ASCII.GetBytes(rune.Value switch
            {
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                _ => $"\\u{rune.Value:x4}",
            }));
            return;
        }

        _lines.Advance(rune.EncodeToUtf8(_lines.GetSpan(4)));
    }
}
