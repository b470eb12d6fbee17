namespace TelemetryPipeline.Attribution.Rules.Language;

/// <summary>A field that a condition looks at.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Key">The key of an attribute; empty for other fields.</param>
internal readonly record struct FieldRef(FieldKind Kind, string Key)
{
    /// <summary>Whether the field is of a span, rather than of a chain or trace.</summary>
    public bool IsOfSpan => Kind <= FieldKind.ScopeName;

    /// <summary>Whether the field is an attribute.</summary>
    public bool IsAttribute => Kind <= FieldKind.ResourceAttribute;

    /// <summary>As a rule file writes it.</summary>
    public override string ToString() => (Kind, Key) switch
    {
        (FieldKind.SpanAttribute, "code") => "span.code",
        (FieldKind.SpanAttribute, _) => $"span.attributes.{Key}",
        (FieldKind.ResourceAttribute, _) => $"resource.{Key}",
        (FieldKind.Attribute, _) => Key,
        _ => FieldCatalog.NameOf(Kind),
    };
}
