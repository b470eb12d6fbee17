using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Mapping;

/// <summary>
/// What the mappings come to for spans with certain attributes: texts that are copied as they are, all at once; values
/// whose place is known, to be converted or held to their form; and the mappings that depend on what values there are. A
/// service's spans have few sets of attributes, so a plan is made rarely.
/// </summary>
/// <param name="mappingCount">How many mappings there are.</param>
/// <param name="currency">The slot that amounts depend on.</param>
internal sealed class MappingPlan(int mappingCount, int currency)
{
    private readonly SlotCopy[] _copies = new SlotCopy[Math.Min(mappingCount, MappingGroup.Size)];
    private readonly Step[] _steps = new Step[mappingCount];
    private readonly ulong[] _rest = new ulong[(mappingCount + MappingGroup.Size - 1) / MappingGroup.Size];
    private SlotMask _span;
    private SlotMask _resource;
    private SlotMask _checked;
    private bool _hasMetadata;
    private int _copyCount;
    private int _stepCount;
    private bool _made;

    /// <summary>
    /// The copies. None has a source that anything sets, or, like the steps, a target that an earlier mapping asks for: so
    /// that all can be gone through once more from the start when one turns out to be another case.
    /// </summary>
    public ReadOnlySpan<SlotCopy> Copies => _copies.AsSpan(0, _copyCount);

    /// <summary>What comes next, in the order of the mappings.</summary>
    public ReadOnlySpan<Step> Steps => _steps.AsSpan(0, _stepCount);

    /// <summary>Whether mappings have to be looked at in their turn.</summary>
    public bool HasRest { get; private set; }

    /// <summary>The attributes of the span when copies and steps are done.</summary>
    public SlotMask After { get; private set; }

    /// <summary>The mappings of a group that have to be looked at in their turn, a bit for each.</summary>
    public ulong Rest(int group) => _rest[group];

    /// <summary>Whether the plan is for such spans.</summary>
    public bool IsFor(in SlotMask span, in SlotMask resource, bool hasMetadata) =>
        _made && _hasMetadata == hasMetadata && _span == span && _resource == resource;

    /// <summary>Makes the plan anew.</summary>
    /// <param name="mappings">The mappings, in their order.</param>
    /// <param name="groups">The same in groups.</param>
    /// <param name="span">The attributes of the span that concern mappings.</param>
    /// <param name="resource">The attributes of its resource that do.</param>
    /// <param name="hasMetadata">Whether there may be headers of the request.</param>
    public void Make(
        CompiledMapping[] mappings, MappingGroup[] groups, in SlotMask span, in SlotMask resource, bool hasMetadata)
    {
        _span = span;
        _resource = resource;
        _hasMetadata = hasMetadata;
        _copyCount = 0;
        _stepCount = 0;
        _made = true;
        HasRest = false;
        After = span;
        Array.Clear(_rest);

        // What mappings that look at values may set or take away, and what any mapping so far would take if it were there.
        var open = default(SlotMask);
        var asked = default(SlotMask);
        _checked = default;
        for (var i = 0; i < mappings.Length; i++)
        {
            var mapping = mappings[i];
            var group = groups[i / MappingGroup.Size];
            var bit = 1UL << (i % MappingGroup.Size);
            var concerned = group.Always | MappingGroup.Of(group.BySpanSlot, After.Or(open)) | MappingGroup.Of(group.ByResourceSlot, resource);
            var isThere = After.Contains(mapping.Target) && !open.Contains(mapping.Target);
            if (mapping.Type == MappedType.Text && isThere)
            {
                continue;
            }

            if ((concerned & bit) != 0)
            {
                if (!open.Contains(mapping.Target) && !asked.Contains(mapping.Target) && TryPlan(mapping, i, open))
                {
                    After = After.With(mapping.Target);
                }
                else
                {
                    HasRest = true;
                    _rest[i / MappingGroup.Size] |= bit;
                    open = open.Or(mapping.RemoveSource ? mapping.Asked : default).With(mapping.Target);
                }
            }

            asked = asked.Or(mapping.Asked);
        }
    }

    private bool TryPlan(CompiledMapping mapping, int index, in SlotMask open)
    {
        if (mapping.IsAmount && open.Contains(currency))
        {
            return false;
        }

        if (After.Contains(mapping.Target))
        {
            _steps[_stepCount++] = new Step(index, mapping.Target, MappingWork.Check);
            _checked = _checked.With(mapping.Target);
            return true;
        }

        foreach (ref readonly var source in mapping.Sources.AsSpan())
        {
            var mayBeThere = source.Kind switch
            {
                SourceKind.Resource => _resource.Contains(source.Slot),
                SourceKind.Metadata => _hasMetadata,
                SourceKind.StartTime => true,
                _ => After.Contains(source.Slot) || open.Contains(source.Slot),
            };
            if (mayBeThere)
            {
                return TryPlan(mapping, index, source, open);
            }
        }

        return false;
    }

    /// <summary>Plans to take a value from a place that has it, whatever else there is.</summary>
    private bool TryPlan(CompiledMapping mapping, int index, in CompiledMapping.Source source, in SlotMask open)
    {
        if (source.Kind == SourceKind.StartTime)
        {
            if (mapping.Type == MappedType.TimestampMs)
            {
                _steps[_stepCount++] = new Step(index, source.Slot, MappingWork.StartTime);
                return true;
            }

            return false;
        }

        // What came with the span, and stays.
        if (source.Kind != SourceKind.Span || mapping.RemoveSource || !_span.Contains(source.Slot) || open.Contains(source.Slot))
        {
            return false;
        }

        // Copies come first: a value that an earlier mapping brings into form is not to be copied before that.
        if (source.IsPlain && _copyCount < _copies.Length && !_checked.Contains(source.Slot))
        {
            _copies[_copyCount++] = new SlotCopy(source.Slot, mapping.Target);
            return true;
        }

        if (mapping.Type is MappedType.Currency or MappedType.Int or MappedType.Amount or MappedType.MajorAmount)
        {
            _steps[_stepCount++] = new Step(index, source.Slot, MappingWork.Convert);
            return true;
        }

        return false;
    }

    /// <summary>A step of a plan.</summary>
    /// <param name="Mapping">The mapping's index.</param>
    /// <param name="Slot">Where the value is; -1 where it is no attribute.</param>
    /// <param name="Work">What is to be done.</param>
    internal readonly record struct Step(int Mapping, int Slot, MappingWork Work);
}
