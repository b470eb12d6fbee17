using System.Buffers.Text;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Heatmap;

/// <summary>Reads the series' key of spans and data points, and whether a span failed, without allocating.</summary>
/// <remarks>Lives on the stack for one batch. A resource's values are read once for all items in a row that share it.</remarks>
internal ref struct SeriesKeyReader
{
    private readonly HeatmapDimension[] _dimensions;
    private readonly Span<byte> _key;
    private readonly Span<byte> _item;
    private readonly Span<byte> _resource;
    private readonly ulong _lengths;
    private int _resourceNode = -1;

    /// <summary>A reader over a view's items.</summary>
    /// <param name="dimensions">What spans are told apart by.</param>
    /// <param name="scratch">At least <see cref="ScratchSizeBytes"/> long, all zero.</param>
    public SeriesKeyReader(HeatmapDimension[] dimensions, Span<byte> scratch)
    {
        var size = dimensions.Length * SeriesKey.Stride;
        _dimensions = dimensions;
        _key = scratch[..size];
        _item = scratch.Slice(size, size);
        _resource = scratch.Slice(2 * size, size);
        _lengths = SpanVerdict.KeyLengths;
        foreach (var dimension in dimensions)
        {
            _lengths |= LengthBit(dimension.Key.Length);
        }
    }

    /// <summary>What a reader needs for so many dimensions.</summary>
    public static int ScratchSizeBytes(int dimensions) => 3 * dimensions * SeriesKey.Stride;

    /// <summary>Forgets the resource: another view follows.</summary>
    public void Reset() => _resourceNode = -1;

    /// <summary>The key of a span's series, valid until the next call.</summary>
    public ReadOnlySpan<byte> OfSpan(OtlpView view, in SpanRecord span, out bool isFailing)
    {
        Begin(view, span.ResourceNode);
        isFailing = span.StatusCode == SpanStatusCode.Error;
        var attributes = view.Attributes(span.Node);
        while (attributes.MoveNext())
        {
            // Most keys have a length that no wanted key has.
            var key = attributes.CurrentKey;
            if ((_lengths & LengthBit(key.Length)) != 0)
            {
                Store(_item, key, attributes.Current);
                isFailing = isFailing || SpanVerdict.Fails(key, attributes.Current);
            }
        }

        for (var i = 0; i < _dimensions.Length; i++)
        {
            if (_dimensions[i].IsSpanKind)
            {
                Store(_item, i, SpanKindTexts.Of(span.Kind));
            }
            else if (_dimensions[i].IsSpanName)
            {
                Store(_item, i, view.Name(span));
            }
        }

        return Compose();
    }

    /// <summary>The key of a data point's series, valid until the next call.</summary>
    public ReadOnlySpan<byte> OfPoint(OtlpView view, int point)
    {
        Begin(view, view.ResourceOf(point));
        foreach (var attribute in view.Attributes(point))
        {
            Store(_item, attribute.Key, attribute);
        }

        return Compose();
    }

    /// <summary>A bit for a length of keys; all lengths from 63 on share one.</summary>
    internal static ulong LengthBit(int length) => 1UL << Math.Min(length, 63);

    private void Begin(OtlpView view, int resource)
    {
        Clear(_item);
        if (resource != _resourceNode)
        {
            _resourceNode = resource;
            Clear(_resource);
            foreach (var attribute in view.Attributes(resource))
            {
                Store(_resource, attribute.Key, attribute);
            }
        }
    }

    private readonly void Clear(Span<byte> values)
    {
        for (var i = 0; i < _dimensions.Length; i++)
        {
            values[i * SeriesKey.Stride] = 0;
        }
    }

    private readonly void Store(Span<byte> values, ReadOnlySpan<byte> key, AttributeView attribute)
    {
        for (var i = 0; i < _dimensions.Length; i++)
        {
            // Lengths differ far more often than not, and of several attributes with one key the first counts.
            if (_dimensions[i].Key.Length == key.Length && values[i * SeriesKey.Stride] == 0 && key.SequenceEqual(_dimensions[i].Key))
            {
                StoreValue(values, i, attribute.Value);
            }
        }
    }

    private static void StoreValue(Span<byte> values, int dimension, AnyValueView value)
    {
        Span<byte> number = stackalloc byte[32];
        switch (value.Kind)
        {
            case AnyValueKind.Text:
                Store(values, dimension, value.Text);
                break;
            case AnyValueKind.Bool:
                Store(values, dimension, value.Bool ? "true"u8 : "false"u8);
                break;
            case AnyValueKind.Int when Utf8Formatter.TryFormat(value.Int, number, out var length):
                Store(values, dimension, number[..length]);
                break;
            case AnyValueKind.Double when Utf8Formatter.TryFormat(value.Double, number, out var length):
                Store(values, dimension, number[..length]);
                break;
            default:
                break; // lists, maps and bytes do not tell series apart
        }
    }

    private static void Store(Span<byte> values, int dimension, ReadOnlySpan<byte> value)
    {
        if (value.Length > SeriesKey.ValueSizeBytesMax)
        {
            // Not in the middle of a character: its further bytes begin with the bits 10.
            var length = SeriesKey.ValueSizeBytesMax;
            while (length > 0 && (value[length] & 0xC0) == 0x80)
            {
                length--;
            }

            value = value[..length];
        }

        var at = dimension * SeriesKey.Stride;
        values[at] = (byte)(value.Length + 1);
        value.CopyTo(values[(at + 1)..]);
    }

    private readonly ReadOnlySpan<byte> Compose()
    {
        var length = 0;
        for (var i = 0; i < _dimensions.Length; i++)
        {
            var at = i * SeriesKey.Stride;
            var from = _item[at] != 0 ? _item : _resource;
            var size = Math.Max((int)from[at], 1);
            from.Slice(at, size).CopyTo(_key[length..]);
            length += size;
        }

        return _key[..length];
    }
}
