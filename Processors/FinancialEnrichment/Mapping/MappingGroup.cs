using System.Numerics;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Mapping;

/// <summary>Up to 64 mappings in their order, a bit for each, and which of them a span's attributes concern.</summary>
internal sealed class MappingGroup
{
    /// <summary>How many mappings fit into a group.</summary>
    public const int Size = 64;

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

    /// <summary>Adds a mapping.</summary>
    /// <param name="mapping">The mapping.</param>
    /// <param name="bit">Its bit.</param>
    /// <param name="spanSlots">Gets the attributes of spans that concern it.</param>
    /// <param name="resourceSlots">Gets the attributes of resources that concern it.</param>
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
