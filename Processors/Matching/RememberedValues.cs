namespace TelemetryPipeline.Processors.Matching;

/// <summary>
/// The values that were protected in an item, and where copies of them stand in its texts. Bounded, without allocation,
/// used again for the next item; not thread-safe.
/// </summary>
internal sealed class RememberedValues
{
    /// <summary>A shorter value would be found in words it has nothing to do with.</summary>
    public const int ValueBytesMin = 6;

    /// <summary>A longer value is not looked for.</summary>
    public const int ValueBytesMax = 256;

    private const int CountMax = 16;

    private readonly byte[] _values = new byte[CountMax * ValueBytesMax];
    private readonly int[] _lengths = new int[CountMax];
    private readonly int[] _expected = new int[CountMax];
    private readonly Occurrences[] _occurrences = new Occurrences[CountMax];
    private int _count;

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => _count == 0;

    /// <summary>How many bytes the search has read, for each value.</summary>
    public long ScannedBytes { get; private set; }

    /// <summary>Forgets the values: another item comes.</summary>
    public void Clear() => _count = 0;

    /// <summary>Remembers a value that is protected where it was.</summary>
    /// <param name="value">The value; short, long and surplus ones are passed over.</param>
    /// <param name="isInItem">Whether that place is in the item's bytes; a number is not there as its digits.</param>
    public void Remember(ReadOnlySpan<byte> value, bool isInItem)
    {
        if (value.Length is < ValueBytesMin or > ValueBytesMax)
        {
            return;
        }

        var place = 0;
        while (place < _count && !Value(place).SequenceEqual(value))
        {
            place++;
        }

        if (place == CountMax)
        {
            return;
        }

        if (place == _count)
        {
            value.CopyTo(_values.AsSpan(place * ValueBytesMax));
            _lengths[place] = value.Length;
            _expected[place] = 0;
            _count++;
        }

        _expected[place] += isInItem ? 1 : 0;
    }

    /// <summary>Whether a value is in an item more often than where it was protected.</summary>
    /// <param name="item">The item's bytes as received.</param>
    public bool HasCopies(ReadOnlySpan<byte> item)
    {
        for (var i = 0; i < _count; i++)
        {
            if (item.Count(Value(i)) > _expected[i])
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a text is one of the values.</summary>
    /// <param name="text">The text.</param>
    public bool Contains(ReadOnlySpan<byte> text)
    {
        for (var i = 0; i < _count; i++)
        {
            if (Value(i).SequenceEqual(text))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Begins the search of a text.</summary>
    public void Begin() => Array.Clear(_occurrences, 0, _count);

    /// <summary>Ends the search of a text.</summary>
    public void End()
    {
        for (var i = 0; i < _count; i++)
        {
            ScannedBytes += _occurrences[i].ScannedBytes;
        }
    }

    /// <summary>The first value at or after a place; of several that begin at the same place the longest.</summary>
    /// <param name="text">The text, the same since <see cref="Begin"/>.</param>
    /// <param name="from">The place; never less than in the call before.</param>
    /// <param name="start">Where it begins; <see cref="int.MaxValue"/> for none.</param>
    /// <param name="length">Its length.</param>
    public bool TryFind(ReadOnlySpan<byte> text, int from, out int start, out int length)
    {
        start = int.MaxValue;
        length = 0;
        for (var i = 0; i < _count; i++)
        {
            var at = _occurrences[i].NextFrom(from, text, Value(i));
            if (at < start || (at == start && at < int.MaxValue && _lengths[i] > length))
            {
                start = at;
                length = _lengths[i];
            }
        }

        return length > 0;
    }

    private ReadOnlySpan<byte> Value(int place) => _values.AsSpan(place * ValueBytesMax, _lengths[place]);
}
