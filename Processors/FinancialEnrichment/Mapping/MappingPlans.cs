using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Mapping;

/// <summary>The plans a thread has made last: bounded, the place of one taken by another. Not thread-safe.</summary>
internal sealed class MappingPlans
{
    private const int Places = 32;
    private readonly MappingPlan[] _plans = new MappingPlan[Places];

    /// <param name="mappingCount">How many mappings there are.</param>
    /// <param name="currency">The slot that amounts depend on.</param>
    public MappingPlans(int mappingCount, int currency)
    {
        for (var i = 0; i < Places; i++)
        {
            _plans[i] = new MappingPlan(mappingCount, currency);
        }
    }

    /// <summary>The place for spans with certain attributes; what is in it may be the plan for others.</summary>
    public MappingPlan For(in SlotMask span, in SlotMask resource)
    {
        const ulong Mixer = 0x9E37_79B9_7F4A_7C15;
        var mixed = Mixer;
        for (var i = 0; i < SlotMask.WordCount; i++)
        {
            mixed = (mixed ^ span.Word(i) ^ (resource.Word(i) << 1)) * Mixer;
        }

        return _plans[(int)(mixed >> 32) & (Places - 1)];
    }
}
