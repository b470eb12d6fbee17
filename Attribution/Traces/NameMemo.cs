namespace TelemetryPipeline.Attribution.Traces;

/// <summary>The text looked up last: spans in a row often have the same one, and comparing is cheaper than a look-up.</summary>
internal struct NameMemo
{
    private byte[]? _text;
    private ushort _number;

    /// <summary>The number of a text.</summary>
    /// <param name="table">Where it is looked up; always the same for one memo.</param>
    /// <param name="text">The text in UTF-8.</param>
    public ushort NumberOf(NameTable table, ReadOnlySpan<byte> text)
    {
        if (_text is not null && text.SequenceEqual(_text))
        {
            return _number;
        }

        var number = table.NumberOf(text);
        if (number != NameTable.Other)
        {
            (_text, _number) = (table.TextOf(number), number);
        }

        return number;
    }
}
