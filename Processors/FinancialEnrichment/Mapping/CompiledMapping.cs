using System.Text;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Mapping;

/// <summary>A mapping with its keys as slots.</summary>
internal sealed class CompiledMapping
{
    /// <summary>The attribute in which instrumentations record the W3C baggage header.</summary>
    public const string BaggageAttribute = "http.request.header.baggage";

    public CompiledMapping(MappingConfig config, AttributeSlots slots)
    {
        Name = config.To;
        Key = Encoding.UTF8.GetBytes(config.To);
        Target = slots.Register(config.To);
        Type = config.Type;
        RemoveSource = config.RemoveSource;
        Sources = new Source[config.Sources.Count];
        var spanSlots = new List<int>();
        var resourceSlots = new List<int>();
        for (var i = 0; i < Sources.Length; i++)
        {
            var source = config.Sources[i];
            var slot = source.Kind switch
            {
                SourceKind.Span or SourceKind.Resource => slots.Register(source.Key),
                SourceKind.BaggageHeader => slots.Register(BaggageAttribute),
                _ => -1,
            };
            Sources[i] = new Source(source.Kind, slot, Encoding.UTF8.GetBytes(source.Key), source.Key);
            if (slot >= 0)
            {
                (source.Kind == SourceKind.Resource ? resourceSlots : spanSlots).Add(slot);
            }

            HasOtherSources |= slot < 0;
        }

        SpanMask = new SlotMask([.. spanSlots]);
        ResourceMask = new SlotMask([.. resourceSlots]);
        HasResourceSources = resourceSlots.Count > 0;
    }

    public string Name { get; }

    public byte[] Key { get; }

    public int Target { get; }

    public MappedType Type { get; }

    public bool RemoveSource { get; }

    public bool IsAmount => Type is MappedType.Amount or MappedType.MajorAmount;

    public Source[] Sources { get; }

    /// <summary>The span's attributes among the sources.</summary>
    public SlotMask SpanMask { get; }

    /// <summary>The resource's attributes among the sources.</summary>
    public SlotMask ResourceMask { get; }

    public bool HasResourceSources { get; }

    /// <summary>Whether a source is neither on the span nor on the resource.</summary>
    public bool HasOtherSources { get; }

    /// <summary>A source.</summary>
    /// <param name="Kind">Where it is.</param>
    /// <param name="Slot">Its slot; -1 where it is no attribute.</param>
    /// <param name="Key">The entry's key in UTF-8, for baggage.</param>
    /// <param name="Name">The header's name, for metadata.</param>
    internal readonly record struct Source(SourceKind Kind, int Slot, byte[] Key, string Name);
}
