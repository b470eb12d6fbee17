using System.Text;

namespace TelemetryPipeline.Exporters.Prometheus;

/// <summary>Builds the labels of a series in the exposition's form, sorted by name, in buffers that are used again.</summary>
internal sealed class LabelText
{
    private readonly List<(int Name, int NameLength, int Value, int ValueLength)> _labels = [];
    private char[] _raw = new char[1024];
    private char[] _text = new char[1024];
    private int _rawLength;
    private int _textLength;

    /// <summary>Begins a new set.</summary>
    public void Clear()
    {
        _labels.Clear();
        _rawLength = 0;
    }

    /// <summary>Adds a label whose name is right already.</summary>
    public void Add(string name, string value)
    {
        var at = Append(name);
        _labels.Add((at, name.Length, Append(value), value.Length));
    }

    /// <summary>Adds an attribute, its key made into a name.</summary>
    /// <param name="key">The key in UTF-8.</param>
    /// <param name="value">The value in UTF-8.</param>
    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var name = _rawLength;
        if (key.IsEmpty || char.IsAsciiDigit((char)key[0]))
        {
            Append("key_");
        }
        else if (key.SequenceEqual("le"u8) || key.SequenceEqual("quantile"u8))
        {
            // The format's own labels: a second one would make Prometheus refuse the whole page.
            Append("exported_");
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

        var nameLength = _rawLength - name;
        var start = _rawLength;
        Room(ref _raw, _rawLength, value.Length);
        _rawLength += Encoding.UTF8.GetChars(value, _raw.AsSpan(_rawLength));
        _labels.Add((name, nameLength, start, _rawLength - start));
    }

    /// <summary>The labels as <c>a="1",b="2"</c>, valid until the next call. Values of one name are joined with a semicolon.</summary>
    public ReadOnlySpan<char> Compose()
    {
        // Stable, and there are few: insertion.
        for (var i = 1; i < _labels.Count; i++)
        {
            var label = _labels[i];
            var at = i;
            for (; at > 0 && NameOf(_labels[at - 1]).SequenceCompareTo(NameOf(label)) > 0; at--)
            {
                _labels[at] = _labels[at - 1];
            }

            _labels[at] = label;
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

    private static void Room(ref char[] buffer, int used, int more)
    {
        if (buffer.Length - used < more)
        {
            Array.Resize(ref buffer, Math.Max(buffer.Length * 2, used + more));
        }
    }

    private ReadOnlySpan<char> NameOf((int Name, int NameLength, int Value, int ValueLength) label) =>
        _raw.AsSpan(label.Name, label.NameLength);

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
                default:
                    Put(c);
                    break;
            }
        }
    }
}
