using System.Text;

namespace TelemetryPipeline.Exporters.Prometheus;

/// <summary>
/// Builds the labels of a series in the exposition's form, sorted by name, in buffers that are used again. Every label
/// name of the page is made here: valid, not reserved, and unique within its series.
/// </summary>
/// <remarks>
/// Values of one name and one source are joined with a semicolon, in the order of their keys, as OpenTelemetry's rules
/// for Prometheus say. Of different sources the first keeps the name and the others get <c>exported_</c> in front, as
/// Prometheus itself renames labels of a scrape that its own labels would hide. Not thread-safe.
/// </remarks>
internal sealed class LabelText
{
    private const string ExportedPrefix = "exported_";
    private const string DigitPrefix = "key_";

    // A label that was renamed comes after all that have the name by themselves.
    private const int RenamedRank = 8;

    private readonly List<Label> _labels = [];
    private readonly Comparison<Label> _order;
    private char[] _raw = new char[1024];
    private char[] _text = new char[1024];
    private int _rawLength;
    private int _textLength;

    /// <summary>An empty set.</summary>
    public LabelText() => _order = Compare;

    /// <summary>Begins a new set.</summary>
    public void Clear()
    {
        _labels.Clear();
        _rawLength = 0;
    }

    /// <summary>Adds a label.</summary>
    /// <param name="source">Where it comes from.</param>
    /// <param name="key">The key in UTF-8, of which the name is made.</param>
    /// <param name="value">The value in UTF-8.</param>
    public void Add(LabelSource source, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var label = new Label { Rank = (int)source };
        (label.Key, label.KeyLength) = AppendUtf8(key);
        (label.Value, label.ValueLength) = AppendUtf8(value);
        label.Name = _rawLength;
        if (key.IsEmpty || char.IsAsciiDigit((char)key[0]))
        {
            Append(DigitPrefix);
        }

        foreach (var c in key)
        {
            // Each byte of a character that is not ASCII would be an underscore of its own: only the first counts.
            if ((c & 0xC0) != 0x80)
            {
                Room(ref _raw, _rawLength, 1);
                _raw[_rawLength++] = char.IsAsciiLetterOrDigit((char)c) ? (char)c : '_';
            }
        }

        label.NameLength = _rawLength - label.Name;
        _labels.Add(IsReserved(NameOf(label)) ? Renamed(label) : label);
    }

    /// <summary>The labels as <c>a="1",b="2"</c>, valid until the next call.</summary>
    public ReadOnlySpan<char> Compose()
    {
        _labels.Sort(_order);
        while (RenameTaken())
        {
            _labels.Sort(_order);
        }

        _textLength = 0;
        for (var i = 0; i < _labels.Count; i++)
        {
            var name = NameOf(_labels[i]);
            if (i > 0 && name.SequenceEqual(NameOf(_labels[i - 1])))
            {
                _textLength--; // the closing quote
                Put(';');
            }
            else
            {
                if (i > 0)
                {
                    Put(',');
                }

                Put(name);
                Put("=\"");
            }

            PutEscaped(_raw.AsSpan(_labels[i].Value, _labels[i].ValueLength));
            Put('"');
        }

        return _text.AsSpan(0, _textLength);
    }

    // le and quantile are the format's own; __name__ would replace the metric's name, and every name that begins so is
    // reserved for Prometheus. Any of them can make it refuse the whole page.
    private static bool IsReserved(ReadOnlySpan<char> name) =>
        name is "le" or "quantile" || name.StartsWith("__", StringComparison.Ordinal);

    private static void Room(ref char[] buffer, int used, int more)
    {
        if (buffer.Length - used < more)
        {
            Array.Resize(ref buffer, Math.Max(buffer.Length * 2, used + more));
        }
    }

    // Whether any name had to change, so that the order has changed too.
    private bool RenameTaken()
    {
        var isAny = false;
        var first = 0;
        for (var i = 1; i < _labels.Count; i++)
        {
            if (!NameOf(_labels[i]).SequenceEqual(NameOf(_labels[first])))
            {
                first = i;
            }
            else if (_labels[i].Rank != _labels[first].Rank)
            {
                _labels[i] = Renamed(_labels[i]);
                isAny = true;
            }
        }

        return isAny;
    }

    private Label Renamed(Label label)
    {
        Room(ref _raw, _rawLength, ExportedPrefix.Length + label.NameLength);
        var name = NameOf(label);
        var at = Append(ExportedPrefix);
        name.CopyTo(_raw.AsSpan(_rawLength));
        _rawLength += name.Length;
        return label with { Name = at, NameLength = _rawLength - at, Rank = label.Rank + RenamedRank };
    }

    private int Compare(Label left, Label right)
    {
        var order = NameOf(left).SequenceCompareTo(NameOf(right));
        if (order == 0)
        {
            order = left.Rank.CompareTo(right.Rank);
        }

        if (order == 0)
        {
            order = KeyOf(left).SequenceCompareTo(KeyOf(right));
        }

        return order == 0 ? left.Value.CompareTo(right.Value) : order;
    }

    private ReadOnlySpan<char> NameOf(in Label label) => _raw.AsSpan(label.Name, label.NameLength);

    private ReadOnlySpan<char> KeyOf(in Label label) => _raw.AsSpan(label.Key, label.KeyLength);

    private (int At, int Length) AppendUtf8(ReadOnlySpan<byte> text)
    {
        var at = _rawLength;
        Room(ref _raw, _rawLength, text.Length);
        _rawLength += Encoding.UTF8.GetChars(text, _raw.AsSpan(_rawLength));
        return (at, _rawLength - at);
    }

    private int Append(string text)
    {
        var at = _rawLength;
        Room(ref _raw, _rawLength, text.Length);
        text.CopyTo(_raw.AsSpan(_rawLength));
        _rawLength += text.Length;
        return at;
    }

    private void Put(char c)
    {
        Room(ref _text, _textLength, 1);
        _text[_textLength++] = c;
    }

    private void Put(ReadOnlySpan<char> text)
    {
        Room(ref _text, _textLength, text.Length);
        text.CopyTo(_text.AsSpan(_textLength));
        _textLength += text.Length;
    }

    private void PutEscaped(ReadOnlySpan<char> value)
    {
        foreach (var c in value)
        {
            switch (c)
            {
                case '\\':
                    Put("\\\\");
                    break;
                case '"':
                    Put("\\\"");
                    break;
                case '\n':
                    Put("\\n");
                    break;
                case '\0':
                    // Some parsers end at a NUL.
                    Put('\uFFFD');
                    break;
                default:
                    Put(c);
                    break;
            }
        }
    }

    private record struct Label
    {
        public int Name;
        public int NameLength;
        public int Key;
        public int KeyLength;
        public int Value;
        public int ValueLength;
        public int Rank;
    }
}
