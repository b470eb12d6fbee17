using System.Buffers.Text;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Heatmap;

/// <summary>Reads the series' key of spans and data points, and whether a span failed, without allocating.</summary>
/// <remarks>Lives on the stack for one batch. A resource's values are read once for all items in a row that share it.</remarks>
internal ref struct SeriesKeyReader
{
    /// <summary>Room that a reader needs: the key, the one before, and the resource's values.</summary>
    public const int ScratchSizeBytes = 3 * SeriesKey.DimensionsMax * SeriesKey.Stride;

    private readonly SeriesKeys _keys;
    private readonly Span<byte> _resource;
    private Span<byte> _key;
    private Span<byte> _last;
    private int _lastLength;
    private int _resourceNode = -1;

    /// <summary>A reader over a view's items.</summary>
    /// <param name="keys">What spans are told apart by.</param>
    /// <param name="scratch">At least <see cref="ScratchSizeBytes"/> long.</param>
    public SeriesKeyReader(SeriesKeys keys, Span<byte> scratch)
    {
        var size = keys.Dimensions.Length * SeriesKey.Stride;
        _keys = keys;
        _key = scratch[..size];
        _last = scratch.Slice(size, size);
        _resource = scratch.Slice(2 * size, size);
    }

    /// <summary>Forgets the resource: another view follows.</summary>
    public void Reset() => _resourceNode = -1;

    /// <summary>The key of a span's series, valid until the next call but one.</summary>
    /// <param name="view">The view.</param>
    /// <param name="span">The span.</param>
    /// <param name="isFailing">Whether it failed.</param>
    /// <param name="isSame">Whether the key is the one before.</param>
    public ReadOnlySpan<byte> OfSpan(OtlpView view, in SpanRecord span, out bool isFailing, out bool isSame)
    {
        var row = view.Row(_keys.Slots, span.Node);
        isFailing = _keys.Outcome.IsFailed(span, row);
        TakeResource(view, span.ResourceNode);
        var length = 0;
        for (var i = 0; i < _keys.Dimensions.Length; i++)
        {
            length += !_keys.TryGetSlot(i, out var slot)
                ? WriteValue(_keys.Dimensions[i].IsSpanKind ? SpanKindTexts.Of(span.Kind) : view.Name(span), _key[length..])
                : WriteAttribute(row, i, slot, _key[length..]);
        }

        return Turn(length, out isSame);
    }

    /// <summary>The key of a data point's series, valid until the next call but one.</summary>
    public ReadOnlySpan<byte> OfPoint(OtlpView view, int point)
    {
        var row = view.Row(_keys.Slots, point);
        TakeResource(view, view.ResourceOf(point));
        var length = 0;
        for (var i = 0; i < _keys.Dimensions.Length; i++)
        {
            // Kind and name of spans, which are no attributes of spans, may be attributes of points.
            var isThere = _keys.TryGetSlot(i, out var slot);
            length += isThere
                ? WriteAttribute(row, i, slot, _key[length..])
                : WriteByKey(view, point, _resourceNode, _keys.Dimensions[i].Key, _key[length..]);
        }

        return Turn(length, out _);
    }

    private ReadOnlySpan<byte> Turn(int length, out bool isSame)
    {
        isSame = length == _lastLength && _key[..length].SequenceEqual(_last[..length]);
        var key = _key;
        _key = _last;
        _last = key;
        _lastLength = length;
        return key[..length];
    }

    private readonly int WriteAttribute(in SlotRow row, int dimension, int slot, Span<byte> target)
    {
        if (row.TryGetShortText(slot, out var text))
        {
            target[0] = (byte)(text.Length + 1);
            text.CopyTo(target[1..]);
            return text.Length + 1;
        }

        if (row.TryGet(slot, out var value) && TryWrite(value, target, out var length))
        {
            return length;
        }

        var ofResource = _resource.Slice(dimension * SeriesKey.Stride, SeriesKey.Stride);
        length = Math.Max((int)ofResource[0], 1);
        ofResource[..length].CopyTo(target);
        return length;
    }

    private static int WriteByKey(OtlpView view, int node, int resource, ReadOnlySpan<byte> key, Span<byte> target)
    {
        if ((view.TryGetAttribute(node, key, out var value) && TryWrite(value, target, out var length))
            || (view.TryGetAttribute(resource, key, out value) && TryWrite(value, target, out length)))
        {
            return length;
        }

        target[0] = 0;
        return 1;
    }

    private void TakeResource(OtlpView view, int resource)
    {
        if (resource == _resourceNode)
        {
            return;
        }

        _resourceNode = resource;
        var row = view.Row(_keys.Slots, resource);
        for (var i = 0; i < _keys.Dimensions.Length; i++)
        {
            var target = _resource.Slice(i * SeriesKey.Stride, SeriesKey.Stride);
            target[0] = 0;
            if (_keys.TryGetSlot(i, out var slot) && row.TryGet(slot, out var value))
            {
                TryWrite(value, target, out _);
            }
        }
    }

    /// <summary>Writes a value with its length; lists, maps and bytes do not tell series apart.</summary>
    private static bool TryWrite(AnyValueView value, Span<byte> target, out int length)
    {
        Span<byte> number = stackalloc byte[32];
        switch (value.Kind)
        {
            case AnyValueKind.Text:
                length = WriteValue(value.Text, target);
                return true;
            case AnyValueKind.Bool:
                length = WriteValue(value.Bool ? "true"u8 : "false"u8, target);
                return true;
            case AnyValueKind.Int when Utf8Formatter.TryFormat(value.Int, number, out var digits):
                length = WriteValue(number[..digits], target);
                return true;
            case AnyValueKind.Double when Utf8Formatter.TryFormat(value.Double, number, out var digits):
                length = WriteValue(number[..digits], target);
                return true;
            default:
                length = 0;
                return false;
        }
    }

    private static int WriteValue(ReadOnlySpan<byte> value, Span<byte> target)
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

        target[0] = (byte)(value.Length + 1);
        value.CopyTo(target[1..]);
        return value.Length + 1;
    }
}
