using System.Text;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Transfers.Money;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Mapping;

/// <summary>Carries the mappings out on a span.</summary>
internal sealed class MappingStep
{
    private const int BaggageBytesMax = 256;

    private readonly AttributeSlots _slots;
    private readonly CompiledMapping[] _mappings;
    private readonly int[] _all;
    private readonly int _currency;
    private readonly SlotMask _concerning;
    private readonly SlotMask _resourceSlots;
    private readonly SlotMask _concerned;
    private readonly bool _hasOtherSources;

    public MappingStep(IReadOnlyList<MappingConfig> mappings, AttributeSlots slots)
    {
        _slots = slots;
        _currency = slots.Register("currency");

        // Amounts last: they need the currency, which may be mapped too. Apart from that the order stays.
        var compiled = new List<CompiledMapping>();
        foreach (var isAmount in (ReadOnlySpan<bool>)[false, true])
        {
            foreach (var config in mappings)
            {
                if (CompiledMapping.IsAmountType(config.Type) == isAmount)
                {
                    compiled.Add(new CompiledMapping(config, slots));
                }
            }
        }

        _mappings = [.. compiled];
        _all = new int[_mappings.Length];
        for (var i = 0; i < _mappings.Length; i++)
        {
            _all[i] = i;
            _concerning = _concerning.Or(_mappings[i].Concerning);
            _concerned = _concerned.Or(_mappings[i].Concerning).With(_mappings[i].Target);
            _resourceSlots = _resourceSlots.Or(_mappings[i].AskedOfResource);
            _hasOtherSources |= _mappings[i].HasOtherSources;
        }
    }

    /// <summary>The mappings, amounts last.</summary>
    public IReadOnlyList<CompiledMapping> Mappings => _mappings;

    /// <summary>Room for a thread's plans.</summary>
    public MappingPlans NewPlans() => new(_mappings.Length, _currency);

    /// <summary>The attributes of a resource that concern mappings.</summary>
    public SlotMask Sources(in SlotRow resource) => resource.Present.And(_resourceSlots);

    /// <summary>Sets what can be set.</summary>
    /// <param name="view">The view.</param>
    /// <param name="span">The span.</param>
    /// <param name="row">The span's attributes.</param>
    /// <param name="resource">What <see cref="Sources"/> gives for its resource.</param>
    /// <param name="metadata">Headers of the request; null where they are not included.</param>
    /// <param name="plans">The thread's.</param>
    /// <param name="failed">Conversions that failed by mapping; one is added for each.</param>
    /// <returns>Whether a value was taken from somewhere else than the span.</returns>
    public bool Apply(
        OtlpView view, in SpanRecord span, in SlotRow row, in SlotMask resource, RequestMetadata? metadata, MappingPlans plans, Span<int> failed)
    {
        var present = row.Present.And(_concerned);
        if (!_hasOtherSources && resource == default && !present.Overlaps(_concerning))
        {
            return false;
        }

        var plan = plans.For(present, resource);
        if (!plan.IsFor(present, resource, metadata is not null))
        {
            plan.Make(_mappings, present, resource, metadata is not null);
        }

        // Where a value is not what it mostly is, the mappings are gone through from the start: those done stay done.
        var done = row.CopyTexts(plan.Copies) == 0;
        var tookForeign = false;
        foreach (ref readonly var step in plan.Steps)
        {
            done = done && (TryStep(row, span, step) || TryStepSlowly(view, span, plan, step, ref failed[step.Mapping], ref tookForeign));
        }

        if (!done)
        {
            return Apply(_all, view, span, metadata, row.Present, failed) || tookForeign;
        }

        return (plan.Rest.Length > 0 && Apply(plan.Rest, view, span, metadata, plan.After, failed)) || tookForeign;
    }

    /// <summary>Does a step for a value in one of the usual forms.</summary>
    private bool TryStep(in SlotRow row, in SpanRecord span, in MappingPlan.Step step)
    {
        var mapping = _mappings[step.Mapping];
        switch (step.Work)
        {
            case MappingWork.StartTime when span.StartNs > 0:
                row.SetInt(mapping.Target, (long)(span.StartNs / 1_000_000));
                return true;
            case MappingWork.Check when mapping.Type == MappedType.Currency:
                return row.TryGetShortText(step.Slot, out var code) && Iso4217.TryGetExponent(code, out _);
            case MappingWork.Check:
                return row.TryGetInt(step.Slot, out var number)
                    && (mapping.Type is MappedType.Int || mapping.IsAmount
                        || (mapping.Type == MappedType.TimestampMs && ValueConversion.IsMilliseconds(number)));
            case MappingWork.Convert when row.TryGetFirstShortText(step.Slot, out var text):
                return TryConvert(row, mapping, text);
            case MappingWork.Convert when mapping.Type != MappedType.Currency && row.TryGetInt(step.Slot, out var whole):
                row.SetInt(mapping.Target, whole);
                return true;
            default:
                return false;
        }
    }

    private bool TryConvert(in SlotRow row, CompiledMapping mapping, ReadOnlySpan<byte> text)
    {
        if (mapping.Type == MappedType.Currency)
        {
            var isCode = Iso4217.TryGetExponent(text, out _);
            if (isCode)
            {
                row.SetText(mapping.Target, text);
            }

            return isCode;
        }

        var exponent = mapping.IsAmount && row.TryGetShortText(_currency, out var currency)
            && Iso4217.TryGetExponent(currency, out var places) ? places : Iso4217.NoMinorUnit;
        var isNumber = mapping.IsAmount
            ? MinorUnits.TryParse(text, exponent, mapping.Type == MappedType.MajorAmount, out var number)
            : ValueConversion.TryWhole(text, out number);
        if (isNumber)
        {
            row.SetInt(mapping.Target, number);
        }

        return isNumber;
    }

    /// <summary>Does a step for a value in any form, or from another place where the first has none.</summary>
    /// <returns>False when there is none: to be counted when the mappings are gone through again.</returns>
    private bool TryStepSlowly(
        OtlpView view, in SpanRecord span, MappingPlan plan, in MappingPlan.Step step, ref int failed, ref bool tookForeign)
    {
        var mapping = _mappings[step.Mapping];
        if (step.Work == MappingWork.Check)
        {
            return TryBringIntoForm(view, span, mapping);
        }

        // Another source may be what a mapping before this one sets or takes away in its turn.
        if (plan.Rest.Length > 0)
        {
            return false;
        }

        var failedHere = 0;
        var taken = TakeFirst(view, span, plan.After, null, mapping, ref failedHere);
        if (!view.Has(_slots, span.Node, mapping.Target))
        {
            return false;
        }

        failed += failedHere;
        tookForeign |= taken == SourceKind.Resource;
        return true;
    }

    /// <summary>Carries out mappings one after the other, looking at values.</summary>
    /// <param name="mappings">Which, in their order.</param>
    /// <param name="view">The view.</param>
    /// <param name="span">The span.</param>
    /// <param name="metadata">Headers of the request.</param>
    /// <param name="present">The attributes of the span.</param>
    /// <param name="failed">Conversions that failed by mapping.</param>
    private bool Apply(
        ReadOnlySpan<int> mappings, OtlpView view, in SpanRecord span, RequestMetadata? metadata, SlotMask present, Span<int> failed)
    {
        var tookForeign = false;
        foreach (var index in mappings)
        {
            var mapping = _mappings[index];
            if (present.Contains(mapping.Target))
            {
                failed[index] += mapping.Type == MappedType.Text || TryBringIntoForm(view, span, mapping) ? 0 : 1;
                continue;
            }

            var taken = TakeFirst(view, span, present, metadata, mapping, ref failed[index]);
            tookForeign |= taken is SourceKind.Resource or SourceKind.Metadata;

            // What was just set may be the source of a mapping that comes later.
            if (view.Has(_slots, span.Node, mapping.Target))
            {
                present = mapping.RemoveSource ? view.Present(_slots, span.Node) : present.With(mapping.Target);
            }
        }

        return tookForeign;
    }

    /// <summary>Converts a value that is in its place already, but has another type.</summary>
    /// <returns>False when it has no form in the mapping's type.</returns>
    private bool TryBringIntoForm(OtlpView view, in SpanRecord span, CompiledMapping mapping) =>
        !view.TryGetAttribute(_slots, span.Node, mapping.Target, out var value)
        || ValueConversion.IsInForm(mapping.Type, value) || TrySet(view, span, mapping, value);

    /// <summary>Takes the first value that has the right form.</summary>
    /// <returns>Where it was; the span when there is none.</returns>
    private SourceKind TakeFirst(
        OtlpView view, in SpanRecord span, in SlotMask present, RequestMetadata? metadata, CompiledMapping mapping, ref int failed)
    {
        foreach (ref readonly var source in mapping.Sources.AsSpan())
        {
            if (source.IsOnSpan && !present.Contains(source.Slot))
            {
                continue;
            }

            var found = source.Slot >= 0
                ? TryAttribute(view, span, mapping, source, ref failed)
                : TryOther(view, span, metadata, mapping, source);
            if (found)
            {
                return source.Kind;
            }
        }

        return SourceKind.Span;
    }

    private bool TryOther(
        OtlpView view, in SpanRecord span, RequestMetadata? metadata, CompiledMapping mapping, in CompiledMapping.Source source)
    {
        if (source.Kind == SourceKind.StartTime)
        {
            var known = span.StartNs > 0 && mapping.Type == MappedType.TimestampMs;
            if (known)
            {
                view.SetInt(_slots, span.Node, mapping.Target, (long)(span.StartNs / 1_000_000));
            }

            return known;
        }

        return metadata?.Get(source.Name) is { Count: > 0 } values && TrySet(view, span, mapping, Encoding.UTF8.GetBytes(values[0]));
    }

    private bool TryAttribute(
        OtlpView view, in SpanRecord span, CompiledMapping mapping, in CompiledMapping.Source source, ref int failed)
    {
        var node = source.Kind == SourceKind.Resource ? span.ResourceNode : span.Node;
        if (!view.TryGetAttribute(_slots, node, source.Slot, out var value))
        {
            return false;
        }

        if (source.Kind == SourceKind.BaggageHeader ? TryBaggage(view, span, mapping, source, value) : TrySet(view, span, mapping, value))
        {
            if (mapping.RemoveSource && source.Kind == SourceKind.Span)
            {
                view.RemoveAttribute(_slots, span.Node, source.Slot);
            }

            return true;
        }

        failed += source.Kind == SourceKind.BaggageHeader ? 0 : 1;
        return false;
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
        // Nearly every value is in its form already; the conversion's scratch would cost more than the copy.
        if (ValueConversion.IsInForm(mapping.Type, value) && (value.Kind != AnyValueKind.Text || !value.Text.IsEmpty))
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
