using System.Buffers;
using System.Text;
using TelemetryPipeline.Attribution.Rules.Language;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Transfers;

namespace TelemetryPipeline.Attribution.Rules;

/// <summary>A field of spans whose value becomes part of an event: what windows and groups are kept by, and evidence.</summary>
internal sealed class RuleKey
{
    private const int NsPerTick = 100;
    private readonly AttributeSlots _slots;

    internal RuleKey(FieldRef field, AttributeSlots slots)
    {
        Field = field;
        _slots = slots;
        Name = field.Kind == FieldKind.SpanAttribute ? field.Key : field.ToString();
        Slot = field.IsAttribute ? slots.Register(field.Key) : -1;
    }

    /// <summary>How the value is called in an event: the attribute's key, or the field's name.</summary>
    public string Name { get; }

    /// <summary>The attribute's slot; -1 for a field that is none.</summary>
    public int Slot { get; }

    internal FieldRef Field { get; }

    /// <summary>Finds the value where it is an attribute.</summary>
    /// <param name="view">The span's chunk.</param>
    /// <param name="span">The span.</param>
    /// <param name="value">The value, of any type.</param>
    /// <returns>False where it is missing, and for fields that are no attributes.</returns>
    public bool TryGetAttribute(OtlpView view, in SpanRecord span, out AnyValueView value)
    {
        value = default;
        return Slot >= 0
            && ((Field.Kind != FieldKind.ResourceAttribute && view.TryGetAttribute(_slots, span.Node, Slot, out value))
                || (Field.Kind != FieldKind.SpanAttribute && view.TryGetAttribute(_slots, span.ResourceNode, Slot, out value)));
    }

    /// <summary>Writes the value as text in UTF-8, as it goes into a group key or a window key.</summary>
    /// <param name="view">The span's chunk.</param>
    /// <param name="span">The span.</param>
    /// <param name="output">Where to.</param>
    /// <returns>False, with nothing written, where it is missing.</returns>
    public bool TryWriteText(OtlpView view, in SpanRecord span, IBufferWriter<byte> output)
    {
        switch (Field.Kind)
        {
            case FieldKind.SpanName:
                output.Write(view.Name(span));
                return true;
            case FieldKind.ScopeName:
                output.Write(view.Name(span.ScopeNode));
                return true;
            case FieldKind.SpanStatus:
                output.Write(SpanOutcome.IsFailed(view, span) ? SpanOutcome.Failed : SpanOutcome.Ok);
                return true;
            case FieldKind.SpanKind:
                output.Write(SpanKindWords.Utf8(span.Kind));
                return true;
            case FieldKind.SpanDuration:
                if (span.DurationNs is not { } durationNs)
                {
                    return false;
                }

                output.Write(Encoding.UTF8.GetBytes(GoDuration.Format(TimeSpan.FromTicks(durationNs / NsPerTick))));
                return true;
            default:
                if (!TryGetAttribute(view, span, out var value))
                {
                    return false;
                }

                value.WriteText(output);
                return true;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
