using System.Buffers;
using System.Text;
using TelemetryPipeline.Attribution.Rules;
using TelemetryPipeline.Attribution.Rules.Language;
using TelemetryPipeline.Attribution.Traces;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Attribution.Events;

/// <summary>Reads evidence and keys of events: from the span that a rule hit, or from what is stored of a trace.</summary>
/// <param name="names">The texts of stored spans.</param>
internal sealed class EvidenceReader(TraceNames names)
{
    /// <summary>Bytes of a value that are kept as evidence; a longer one is left out.</summary>
    public const int ValueSizeBytesMax = 1024;

    private readonly ArrayBufferWriter<byte> _text = new(256);

    /// <summary>What speaks for a hit.</summary>
    /// <param name="keys">What is asked for.</param>
    /// <param name="view">The span's chunk.</param>
    /// <param name="span">The span.</param>
    public List<EvidenceItem> OfSpan(IReadOnlyList<RuleKey> keys, OtlpView view, in SpanRecord span)
    {
        var items = new List<EvidenceItem>(keys.Count);
        foreach (var key in keys)
        {
            if (ValueOf(key, view, span) is { } value)
            {
                items.Add(new EvidenceItem(key.Name, value));
            }
        }

        return items;
    }

    /// <summary>A value of a span.</summary>
    /// <param name="key">Which.</param>
    /// <param name="view">The span's chunk.</param>
    /// <param name="span">The span.</param>
    /// <returns>An encoded <c>AnyValue</c>; null where it is missing or too long.</returns>
    public byte[]? ValueOf(RuleKey key, OtlpView view, in SpanRecord span)
    {
        if (key.Field.Kind == FieldKind.SpanDuration)
        {
            return span.DurationNs is { } durationNs ? EncodedValue.Of(durationNs) : null;
        }

        if (key.TryGetAttribute(view, span, out var value))
        {
            return value.Encoded.Length <= ValueSizeBytesMax ? value.Encoded.ToArray() : null;
        }

        _text.ResetWrittenCount();
        return key.TryWriteText(view, span, _text) && _text.WrittenCount <= ValueSizeBytesMax
            ? EncodedValue.Of(_text.WrittenSpan)
            : null;
    }

    /// <summary>The key of a group or window that a span belongs to, as <c>name=value,name=value</c>.</summary>
    /// <param name="keys">What the key is made of; what a span does not have is empty.</param>
    /// <param name="view">The span's chunk.</param>
    /// <param name="span">The span.</param>
    public string KeyOf(IReadOnlyList<RuleKey> keys, OtlpView view, in SpanRecord span)
    {
        if (keys.Count == 0)
        {
            return "";
        }

        _text.ResetWrittenCount();
        foreach (var key in keys)
        {
            Begin(key);
            key.TryWriteText(view, span, _text);
        }

        return Written();
    }

    /// <summary>What speaks for a rule of scope trace: what is stored of the span the failure began with, and of the trace.</summary>
    /// <param name="keys">What is asked for.</param>
    /// <param name="stored">The trace's values.</param>
    public static List<EvidenceItem> OfTrace(IReadOnlyList<RuleKey> keys, StoredValues stored)
    {
        var items = new List<EvidenceItem>(keys.Count);
        foreach (var key in keys)
        {
            if (stored.ValueOf(key) is { } value)
            {
                items.Add(new EvidenceItem(key.Name, value));
            }
        }

        return items;
    }

    /// <summary>The key of a group or window that a trace belongs to.</summary>
    /// <param name="keys">What the key is made of; what is not known is empty.</param>
    /// <param name="stored">The trace's values.</param>
    public string KeyOf(IReadOnlyList<RuleKey> keys, StoredValues stored)
    {
        if (keys.Count == 0)
        {
            return "";
        }

        _text.ResetWrittenCount();
        foreach (var key in keys)
        {
            Begin(key);
            if (stored.ValueOf(key) is { } value)
            {
                new AnyValueView(value).WriteText(_text);
            }
        }

        return Written();
    }

    /// <summary>The texts of stored spans.</summary>
    internal TraceNames Names => names;

    private void Begin(RuleKey key)
    {
        if (_text.WrittenCount > 0)
        {
            _text.Write(","u8);
        }

        _text.Write(Encoding.UTF8.GetBytes(key.Name));
        _text.Write("="u8);
    }

    private string Written()
    {
        var written = _text.WrittenSpan;
        return Encoding.UTF8.GetString(written.Length <= ValueSizeBytesMax ? written : written[..ValueSizeBytesMax]);
    }
}
