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
    // What one call copies at most.
    private const int CopiesMax = 64;

    private readonly SlotCopy[] _copies = new SlotCopy[Math.Min(mappingCount, CopiesMax)];
    private readonly Step[] _steps = new Step[mappingCount];
    private readonly int[] _rest = new int[mappingCount];
    private SlotMask _span;
    private SlotMask _resource;
    private SlotMask _checked;
    private bool _hasMetadata;
    private int _copyCount;
    private int _stepCount;
    private int _restCount;
    private bool _made;

    /// <summary>
    /// The copies. None has a source that anything sets, or, like the steps, a target that an earlier mapping asks for: so
    /// that all can be gone through once more from the start when one turns out to be another case.
    /// </summary>
    public ReadOnlySpan<SlotCopy> Copies => _copies.AsSpan(0, _copyCount);

    /// <summary>What comes next, in the order of the mappings.</summary>
    public ReadOnlySpan<Step> Steps => _steps.AsSpan(0, _stepCount);

    /// <summary>The mappings that have to be looked at in their turn.</summary>
    public ReadOnlySpan<int> Rest => _rest.AsSpan(0, _restCount);

    /// <summary>The attributes of the span when copies and steps are done.</summary>
    public SlotMask After { get; private set; }

    /// <summary>Whether the plan is for such spans.</summary>
    public bool IsFor(in SlotMask span, in SlotMask resource, bool hasMetadata) =>
        _made && _hasMetadata == hasMetadata && _span == span && _resource == resource;

    /// <summary>Makes the plan anew.</summary>
    /// <param name="mappings">The mappings, in their order.</param>
    /// <param name="span">The attributes of the span that concern mappings.</param>
    /// <param name="resource">The attributes of its resource that do.</param>
    /// <param name="hasMetadata">Whether there may be headers of the request.</param>
    public void Make(CompiledMapping[] mappings, in SlotMask span, in SlotMask resource, bool hasMetadata)
    {
        _span = span;
        _resource = resource;
        _hasMetadata = hasMetadata;
        _copyCount = 0;
        _stepCount = 0;
        _restCount = 0;
        _made = true;
        After = span;

        // What mappings that look at values may set or take away, and what any mapping so far would take if it were there.
        var open = default(SlotMask);
        var asked = default(SlotMask);
        _checked = default;
        for (var i = 0; i < mappings.Length; i++)
        {
            var mapping = mappings[i];
            var isThere = After.Contains(mapping.Target) && !open.Contains(mapping.Target);
            if (mapping.Type == MappedType.Text && isThere)
            {
                continue;
            }

            if (mapping.HasOtherSources || mapping.Concerning.Overlaps(After.Or(open)) || mapping.AskedOfResource.Overlaps(resource))
            {
                if (!open.Contains(mapping.Target) && !asked.Contains(mapping.Target) && TryPlan(mapping, i, open))
                {
                    After = After.With(mapping.Target);
                }
                else
                {
                    _rest[_restCount++] = i;
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
