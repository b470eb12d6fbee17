using TelemetryPipeline.Attribution.Rules.Language;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Attribution.Rules.Compiling;

/// <summary>A span as conditions read it.</summary>
/// <param name="view">Its chunk.</param>
/// <param name="span">Its record.</param>
/// <param name="slots">Where keys are registered.</param>
/// <param name="scratch">What is known about it.</param>
internal readonly ref struct SpanFacts(OtlpView view, ref readonly SpanRecord span, AttributeSlots slots, MatchScratch scratch)
{
    /// <summary>Its record.</summary>
    public readonly ref readonly SpanRecord Span = ref span;

    /// <summary>Its chunk.</summary>
    public OtlpView View { get; } = view;

    /// <summary>What is known about it, and working memory.</summary>
    public MatchScratch Scratch { get; } = scratch;

    /// <summary>Reads an attribute of the span, the resource, or the first of both that has it.</summary>
    /// <param name="kind">Where to look.</param>
    /// <param name="slot">The key.</param>
    /// <param name="value">The value.</param>
    public bool TryGet(FieldKind kind, int slot, out AnyValueView value)
    {
        if (kind != FieldKind.ResourceAttribute && Scratch.Present.Contains(slot))
        {
            return View.TryGetAttribute(slots, Span.Node, slot, out value);
        }

        value = default;
        return kind != FieldKind.SpanAttribute && View.TryGetAttribute(slots, Span.ResourceNode, slot, out value);
    }
}
