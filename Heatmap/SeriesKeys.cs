using TelemetryPipeline.Otlp;
using TelemetryPipeline.Transfers;

namespace TelemetryPipeline.Heatmap;

/// <summary>What a heat map tells series apart by, with the slots of its attributes.</summary>
internal sealed class SeriesKeys
{
    private const int NoSlot = -1;
    private readonly int[] _slots;

    /// <param name="dimensions">The dimensions.</param>
    /// <param name="slots">Where the keys are registered.</param>
    public SeriesKeys(HeatmapDimension[] dimensions, AttributeSlots slots)
    {
        Dimensions = dimensions;
        Slots = slots;
        Outcome = new SpanOutcome(slots);
        _slots = Array.ConvertAll(dimensions, d => d.IsSpanKind || d.IsSpanName ? NoSlot : slots.Register(d.Name));
    }

    /// <summary>The dimensions.</summary>
    public HeatmapDimension[] Dimensions { get; }

    /// <summary>Where the keys are registered.</summary>
    public AttributeSlots Slots { get; }

    /// <summary>Determines which spans failed.</summary>
    public SpanOutcome Outcome { get; }

    /// <summary>The slot of a dimension's attribute.</summary>
    /// <param name="dimension">Its index.</param>
    /// <param name="slot">The slot.</param>
    /// <returns>False for the kind and the name of spans.</returns>
    public bool TryGetSlot(int dimension, out int slot)
    {
        slot = _slots[dimension];
        return slot != NoSlot;
    }
}
