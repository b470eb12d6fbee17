using System.Buffers;
using System.Globalization;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Processors.FieldEncryption.Format;
using TelemetryPipeline.Processors.Matching;

namespace TelemetryPipeline.Processors.FieldEncryption;

/// <summary>
/// Remembers the values that were protected in an item, and redacts them where else they stand in it: names, messages,
/// other attributes. Bounded, without allocation; not thread-safe.
/// </summary>
internal sealed class CopyRedactor : ITextRewriter
{
    /// <summary>A shorter value would be found in words it has nothing to do with.</summary>
    public const int ValueBytesMin = 6;

    private const int ValueBytesMax = 128;
    private const int ValuesMax = 16;
    private const int NumberBytesMax = 24;

    private readonly byte[] _values = new byte[ValuesMax * ValueBytesMax];
    private readonly int[] _lengths = new int[ValuesMax];
    private readonly int[] _seen = new int[ValuesMax];
    private readonly Occurrences[] _occurrences = new Occurrences[ValuesMax];
    private int _count;

    /// <summary>Copies redacted since the count was last taken.</summary>
    public int Redacted { get; set; }

    /// <summary>How many bytes the search for copies has read, for each value.</summary>
    public long ScannedBytes { get; private set; }

    /// <summary>Forgets the values: another item comes.</summary>
    public void Clear() => _count = 0;

    /// <summary>Remembers a value that is protected where it was.</summary>
    /// <param name="value">The value.</param>
    /// <param name="tenant">The tenant, which must stay readable: a value that is in it is not remembered.</param>
    public void Remember(AnyValueView value, ReadOnlySpan<byte> tenant)
    {
        Span<byte> number = stackalloc byte[NumberBytesMax];
        value.Int.TryFormat(number, out var digits, default, CultureInfo.InvariantCulture);
        var isNumber = value.Kind == AnyValueKind.Int;
        var text = isNumber ? number[..digits] : value.Text;
        if (text.Length is < ValueBytesMin or > ValueBytesMax || tenant.IndexOf(text) >= 0)
        {
            return;
        }

        var place = 0;
        while (place < _count && !Value(place).SequenceEqual(text))
        {
            place++;
        }

        if (place == ValuesMax)
        {
            return;
        }

        if (place == _count)
        {
            text.CopyTo(_values.AsSpan(place * ValueBytesMax));
            _lengths[place] = text.Length;
            _seen[place] = 0;
            _count++;
        }

        // A number is not in an item's bytes as its digits.
        _seen[place] += isNumber ? 0 : 1;
    }

    /// <summary>Whether a value is in an item more often than where it was protected.</summary>
    /// <param name="item">The item's bytes as received.</param>
    public bool HasCopies(ReadOnlySpan<byte> item)
    {
        for (var i = 0; i < _count; i++)
        {
            if (item.Count(Value(i)) > _seen[i])
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public bool TryRewrite(ReadOnlySpan<byte> text, IBufferWriter<byte> output)
    {
        if (ProtectedText.IsProtected(text))
        {
            return false;
        }

        Array.Clear(_occurrences);
        var done = 0;
        while (TryFind(text, done, out var start, out var length))
        {
            output.Write(text[done..start]);
            output.Write(Redaction.CopyMarker);
            done = start + length;
            Redacted++;
        }

        for (var i = 0; i < _count; i++)
        {
            ScannedBytes += _occurrences[i].ScannedBytes;
        }

        if (done > 0)
        {
            output.Write(text[done..]);
        }

        return done > 0;
    }

    /// <inheritdoc/>
    public bool TryRewrite(long number, IBufferWriter<byte> output)
    {
        Span<byte> text = stackalloc byte[NumberBytesMax];
        number.TryFormat(text, out var digits, default, CultureInfo.InvariantCulture);
        for (var i = 0; i < _count; i++)
        {
            if (Value(i).SequenceEqual(text[..digits]))
            {
                output.Write(Redaction.CopyMarker);
                Redacted++;
                return true;
            }
        }

        return false;
    }

    private ReadOnlySpan<byte> Value(int place) => _values.AsSpan(place * ValueBytesMax, _lengths[place]);

    /// <summary>The first value at or after a place; of several that begin at the same place the longest.</summary>
    private bool TryFind(ReadOnlySpan<byte> text, int from, out int start, out int length)
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
}
