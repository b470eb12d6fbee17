using System.Text;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Processors.FinancialEnrichment.Money;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Mapping;

/// <summary>Carries the mappings out on a span.</summary>
internal sealed class MappingStep
{
    private const int BaggageBytesMax = 256;
    private readonly AttributeSlots _slots;
    private readonly CompiledMapping[] _mappings;
    private readonly int _currency;
    private readonly SlotMask _spanSources;
    private readonly SlotMask _resourceSources;
    private readonly SlotMask _typedTargets;
    private readonly bool _hasOtherSources;

    public MappingStep(IReadOnlyList<MappingConfig> mappings, AttributeSlots slots)
    {
        _slots = slots;
        _currency = slots.Register("currency");
        var compiled = new List<CompiledMapping>();
        var span = new List<int>();
        var resource = new List<int>();
        var typed = new List<int>();
        foreach (var config in mappings)
        {
            var mapping = new CompiledMapping(config, slots);
            compiled.Add(mapping);
            _hasOtherSources |= mapping.HasOtherSources;
            foreach (var source in mapping.Sources)
            {
                if (source.Slot >= 0)
                {
                    (source.Kind == SourceKind.Resource ? resource : span).Add(source.Slot);
                }
            }

            if (mapping.Type != MappedType.Text)
            {
                typed.Add(mapping.Target);
            }
        }

        // Amounts last: they need the currency, which may be mapped too. The sort is stable.
        compiled.Sort(static (a, b) => a.IsAmount.CompareTo(b.IsAmount));
        _mappings = [.. compiled];
        _spanSources = new SlotMask([.. span]);
        _resourceSources = new SlotMask([.. resource]);
        _typedTargets = new SlotMask([.. typed]);
    }

    /// <summary>The mappings, amounts last.</summary>
    public IReadOnlyList<CompiledMapping> Mappings => _mappings;

    /// <summary>Sets what can be set.</summary>
    /// <param name="view">The view.</param>
    /// <param name="span">The span.</param>
    /// <param name="metadata">Headers of the request; null where they are not included.</param>
    /// <param name="failed">Conversions that failed by mapping; one is added for each.</param>
    /// <returns>Whether a value was taken from somewhere else than the span.</returns>
    public bool Apply(OtlpView view, in SpanRecord span, RequestMetadata? metadata, Span<int> failed)
    {
        var present = view.Present(_slots, span.Node);
        var fromSpan = present.Overlaps(_spanSources);
        var fromResource = view.HasAny(_slots, span.ResourceNode, _resourceSources);
        if (!fromSpan && !fromResource && !_hasOtherSources && !present.Overlaps(_typedTargets))
        {
            return false;
        }

        var tookForeign = false;
        for (var i = 0; i < _mappings.Length; i++)
        {
            var mapping = _mappings[i];
            if (present.Contains(mapping.Target))
            {
                if (mapping.Type != MappedType.Text && view.TryGetAttribute(_slots, span.Node, mapping.Target, out var value)
                    && !ValueConversion.IsInForm(mapping.Type, value) && !TrySet(view, span, mapping, value))
                {
                    failed[i]++;
                }
            }
            else if ((fromSpan && present.Overlaps(mapping.SpanMask)) || mapping.HasOtherSources
                || (fromResource && mapping.HasResourceSources && view.HasAny(_slots, span.ResourceNode, mapping.ResourceMask)))
            {
                tookForeign |= TakeFirst(view, span, present, metadata, mapping, ref failed[i]) is SourceKind.Resource or SourceKind.Metadata;

                // What was just set may be another mapping's source.
                present = view.Present(_slots, span.Node);
            }
        }

        return tookForeign;
    }

    /// <summary>Takes the first value that has the right form.</summary>
    /// <returns>Where it was; the span when there is none.</returns>
    private SourceKind TakeFirst(
        OtlpView view, in SpanRecord span, in SlotMask present, RequestMetadata? metadata, CompiledMapping mapping, ref int failed)
    {
        foreach (ref readonly var source in mapping.Sources.AsSpan())
        {
            switch (source.Kind)
            {
                case SourceKind.StartTime:
                    if (span.StartNs > 0 && mapping.Type == MappedType.TimestampMs)
                    {
                        view.SetInt(_slots, span.Node, mapping.Target, (long)(span.StartNs / 1_000_000));
                        return source.Kind;
                    }

                    continue;
                case SourceKind.Metadata:
                    if (metadata?.Get(source.Name) is { Count: > 0 } values
                        && TrySet(view, span, mapping, Encoding.UTF8.GetBytes(values[0])))
                    {
                        return source.Kind;
                    }

                    continue;
            }

            if (source.Kind != SourceKind.Resource && !present.Contains(source.Slot))
            {
                continue;
            }

            var node = source.Kind == SourceKind.Resource ? span.ResourceNode : span.Node;
            if (!view.TryGetAttribute(_slots, node, source.Slot, out var value))
            {
                continue;
            }

            if (source.Kind == SourceKind.BaggageHeader ? TryBaggage(view, span, mapping, source, value) : TrySet(view, span, mapping, value))
            {
                if (mapping.RemoveSource && source.Kind == SourceKind.Span)
                {
                    view.RemoveAttribute(_slots, span.Node, source.Slot);
                }

                return source.Kind;
            }

            failed += source.Kind == SourceKind.BaggageHeader ? 0 : 1;
        }

        return SourceKind.Span;
    }

    private bool TryBaggage(
        OtlpView view, in SpanRecord span, CompiledMapping mapping, in CompiledMapping.Source source, AnyValueView header)
    {
        Span<byte> entry = stackalloc byte[BaggageBytesMax];
        return BaggageHeader.TryFind(header, source.Key, entry, out var length) && TrySet(view, span, mapping, entry[..length]);
    }

    /// <summary>Sets a text that is no attribute's value.</summary>
    private bool TrySet(OtlpView view, in SpanRecord span, CompiledMapping mapping, ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text.Length > BaggageBytesMax)
        {
            return false;
        }

        if (mapping.Type == MappedType.Text)
        {
            view.SetText(_slots, span.Node, mapping.Target, text);
            return true;
        }

        // As an encoded value: field 1, a text of up to 256 bytes.
        Span<byte> encoded = stackalloc byte[BaggageBytesMax + 3];
        encoded[0] = (1 << 3) | 2;
        var header = 2;
        encoded[1] = (byte)text.Length;
        if (text.Length >= 0x80)
        {
            encoded[1] = (byte)(text.Length | 0x80);
            encoded[header++] = (byte)(text.Length >> 7);
        }

        text.CopyTo(encoded[header..]);
        return TrySet(view, span, mapping, new AnyValueView(encoded[..(header + text.Length)]));
    }

    private bool TrySet(OtlpView view, in SpanRecord span, CompiledMapping mapping, AnyValueView value)
    {
        // Nearly every value is a text that stays one; the conversion's scratch would cost more than the copy.
        if (mapping.Type == MappedType.Text && !value.Text.IsEmpty)
        {
            view.SetValue(_slots, span.Node, mapping.Target, value);
            return true;
        }

        return TryConvertAndSet(view, span, mapping, value);
    }

    private bool TryConvertAndSet(OtlpView view, in SpanRecord span, CompiledMapping mapping, AnyValueView value)
    {
        Span<byte> scratch = stackalloc byte[ValueConversion.ScratchBytes];
        var exponent = mapping.IsAmount && view.TryGetAttribute(_slots, span.Node, _currency, out var currency)
            && Iso4217.TryGetExponent(currency.Text, out var places) ? places : Iso4217.NoMinorUnit;
        if (!ValueConversion.TryConvert(mapping.Type, value, exponent, scratch, out var converted))
        {
            return false;
        }

        converted.Set(view, _slots, span.Node, mapping.Target, mapping.Key);
        return true;
    }
}
