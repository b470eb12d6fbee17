using System.Numerics;
using System.Text;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Processors.FinancialEnrichment.Money;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Mapping;

/// <summary>Carries the mappings out on a span.</summary>
internal sealed class MappingStep
{
    private const int BaggageBytesMax = 256;

    // Mappings are looked at in groups, each a word with a bit for each mapping.
    private const int GroupSize = 64;
    private readonly AttributeSlots _slots;
    private readonly CompiledMapping[] _mappings;
    private readonly Group[] _groups;
    private readonly int _currency;
    private readonly SlotMask _spanSlots;
    private readonly SlotMask _resourceSlots;
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
        _groups = new Group[(_mappings.Length + GroupSize - 1) / GroupSize];
        var span = new List<int>();
        var resource = new List<int>();
        for (var i = 0; i < _mappings.Length; i++)
        {
            var group = _groups[i / GroupSize] ??= new Group();
            group.Add(_mappings[i], 1UL << (i % GroupSize), span, resource);
            _hasOtherSources |= _mappings[i].HasOtherSources;
        }

        _spanSlots = new SlotMask([.. span]);
        _resourceSlots = new SlotMask([.. resource]);
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
        var fromResource = view.HasAny(_slots, span.ResourceNode, _resourceSlots);
        if (!_hasOtherSources && !fromResource && !present.Overlaps(_spanSlots))
        {
            return false;
        }

        var tookForeign = false;
        for (var first = 0; first < _mappings.Length; first += GroupSize)
        {
            var group = _groups[first / GroupSize];
            var pending = group.Always | Group.Of(group.BySpanSlot, present);
            if (fromResource)
            {
                pending |= Group.Of(group.ByResourceSlot, view.Present(_slots, span.ResourceNode));
            }

            while (pending != 0)
            {
                var bit = BitOperations.TrailingZeroCount(pending);
                pending &= pending - 1;
                var mapping = _mappings[first + bit];
                if (present.Contains(mapping.Target))
                {
                    failed[first + bit] += mapping.Type == MappedType.Text || TryBringIntoForm(view, span, mapping) ? 0 : 1;
                    continue;
                }

                var taken = TakeFirst(view, span, present, metadata, mapping, ref failed[first + bit]);
                tookForeign |= taken is SourceKind.Resource or SourceKind.Metadata;

                // What was just set, and only that, may be the source of a mapping that comes later.
                if (view.Has(_slots, span.Node, mapping.Target))
                {
                    present = mapping.RemoveSource ? view.Present(_slots, span.Node) : present.With(mapping.Target);
                    pending |= group.BySpanSlot[mapping.Target] & (ulong.MaxValue << bit << 1);
                }
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

            // Nearly every mapping copies a text of the span.
            var found = source.IsPlain && view.TryCopyText(_slots, span.Node, source.Slot, mapping.Target);
            found = found || (source.Slot >= 0
                ? TryAttribute(view, span, mapping, source, ref failed)
                : TryOther(view, span, metadata, mapping, source));
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

    /// <summary>Which of up to 64 mappings a span's attributes concern.</summary>
    private sealed class Group
    {
        /// <summary>By slot of a span's attribute: the mappings it is a source of, or whose target it is in what may be another form.</summary>
        public ulong[] BySpanSlot { get; } = new ulong[AttributeSlots.MaxKeys];

        /// <summary>By slot of a resource's attribute: the mappings it is a source of.</summary>
        public ulong[] ByResourceSlot { get; } = new ulong[AttributeSlots.MaxKeys];

        /// <summary>The mappings with a source that is no attribute.</summary>
        public ulong Always { get; private set; }

        /// <summary>The mappings that the slots of a mask concern.</summary>
        public static ulong Of(ulong[] bySlot, in SlotMask mask)
        {
            ulong mappings = 0;
            for (var word = 0; word < SlotMask.WordCount; word++)
            {
                for (var slots = mask.Word(word); slots != 0; slots &= slots - 1)
                {
                    mappings |= bySlot[(word * SlotMask.BitsPerWord) + BitOperations.TrailingZeroCount(slots)];
                }
            }

            return mappings;
        }

        public void Add(CompiledMapping mapping, ulong bit, List<int> spanSlots, List<int> resourceSlots)
        {
            Always |= mapping.HasOtherSources ? bit : 0;
            foreach (var source in mapping.Sources)
            {
                if (source.Slot >= 0)
                {
                    var isResource = source.Kind == SourceKind.Resource;
                    (isResource ? ByResourceSlot : BySpanSlot)[source.Slot] |= bit;
                    (isResource ? resourceSlots : spanSlots).Add(source.Slot);
                }
            }

            if (mapping.Type != MappedType.Text)
            {
                BySpanSlot[mapping.Target] |= bit;
                spanSlots.Add(mapping.Target);
            }
        }
    }
}
