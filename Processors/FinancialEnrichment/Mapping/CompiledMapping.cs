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
        for (var i = 0; i < Sources.Length; i++)
        {
            var source = config.Sources[i];
            var slot = source.Kind switch
            {
                SourceKind.Span or SourceKind.Resource => slots.Register(source.Key),
                SourceKind.BaggageHeader => slots.Register(BaggageAttribute),
                _ => -1,
            };
            var isPlain = source.Kind == SourceKind.Span && config is { Type: MappedType.Text, RemoveSource: false };
            var isOnSpan = source.Kind is SourceKind.Span or SourceKind.BaggageHeader;
            Sources[i] = new Source(source.Kind, slot, isOnSpan, isPlain, Encoding.UTF8.GetBytes(source.Key), source.Key);
            HasOtherSources |= slot < 0;
            Asked = isOnSpan ? Asked.With(slot) : Asked;
            AskedOfResource = source.Kind == SourceKind.Resource ? AskedOfResource.With(slot) : AskedOfResource;
        }

        // A text is left as it is where it is in its place; another type may have to be brought about.
        Concerning = Type == MappedType.Text ? Asked : Asked.With(Target);
    }

    public string Name { get; }

    public byte[] Key { get; }

    public int Target { get; }

    public MappedType Type { get; }

    public bool RemoveSource { get; }

    public bool IsAmount => IsAmountType(Type);

    public Source[] Sources { get; }

    /// <summary>Whether a source is neither on the span nor on the resource.</summary>
    public bool HasOtherSources { get; }

    /// <summary>The attributes of a span that its value may come from.</summary>
    public SlotMask Asked { get; }

    /// <summary>The attributes of a resource that its value may come from.</summary>
    public SlotMask AskedOfResource { get; }

    /// <summary>The attributes of a span without which, and without other sources, it has nothing to do.</summary>
    public SlotMask Concerning { get; }

    /// <summary>Whether values of a type depend on a currency.</summary>
    public static bool IsAmountType(MappedType type) => type is MappedType.Amount or MappedType.MajorAmount;

    /// <summary>A source.</summary>
    /// <param name="Kind">Where it is.</param>
    /// <param name="Slot">Its slot; -1 where it is no attribute.</param>
    /// <param name="IsOnSpan">Whether it is an attribute of the span.</param>
    /// <param name="IsPlain">Whether its value, where it is a text, is taken as it is, and it stays.</param>
    /// <param name="Key">The entry's key in UTF-8, for baggage.</param>
    /// <param name="Name">The header's name, for metadata.</param>
    internal readonly record struct Source(SourceKind Kind, int Slot, bool IsOnSpan, bool IsPlain, byte[] Key, string Name);
}
