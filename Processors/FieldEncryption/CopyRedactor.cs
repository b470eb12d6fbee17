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
    private const int NumberBytesMax = 24;

    private readonly RememberedValues _values = new();

    /// <summary>Copies redacted since the count was last taken.</summary>
    public int Redacted { get; set; }

    /// <summary>How many bytes the search for copies has read, for each value.</summary>
    public long ScannedBytes => _values.ScannedBytes;

    /// <summary>Forgets the values: another item comes.</summary>
    public void Clear() => _values.Clear();

    /// <summary>Remembers a value that is protected where it was.</summary>
    /// <param name="value">The value.</param>
    /// <param name="tenant">The tenant, which must stay readable: a value that is in it is not remembered.</param>
    public void Remember(AnyValueView value, ReadOnlySpan<byte> tenant)
    {
        Span<byte> number = stackalloc byte[NumberBytesMax];
        value.Int.TryFormat(number, out var digits, default, CultureInfo.InvariantCulture);
        var isNumber = value.Kind == AnyValueKind.Int;
        var text = isNumber ? number[..digits] : value.Text;
        if (tenant.IndexOf(text) < 0)
        {
            _values.Remember(text, isInItem: !isNumber);
        }
    }

    /// <summary>Whether a value is in an item more often than where it was protected.</summary>
    /// <param name="item">The item's bytes as received.</param>
    public bool HasCopies(ReadOnlySpan<byte> item) => _values.HasCopies(item);

    /// <inheritdoc/>
    public bool TryRewrite(ReadOnlySpan<byte> text, IBufferWriter<byte> output)
    {
        if (ProtectedText.IsProtected(text))
        {
            return false;
        }

        _values.Begin();
        var done = 0;
        while (_values.TryFind(text, done, out var start, out var length))
        {
            output.Write(text[done..start]);
            output.Write(Redaction.CopyMarker);
            done = start + length;
            Redacted++;
        }

        _values.End();
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
        if (!_values.Contains(text[..digits]))
        {
            return false;
        }

        output.Write(Redaction.CopyMarker);
        Redacted++;
        return true;
    }
}
