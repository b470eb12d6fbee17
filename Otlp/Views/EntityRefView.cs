namespace TelemetryPipeline.Otlp.Views;

/// <summary>An encoded <c>EntityRef</c> of a resource.</summary>
/// <param name="encoded">The message's bytes.</param>
public readonly ref struct EntityRefView(ReadOnlySpan<byte> encoded)
{
    private readonly ReadOnlySpan<byte> _encoded = encoded;

    /// <summary>The schema URL in UTF-8; empty if missing.</summary>
    public ReadOnlySpan<byte> SchemaUrl => WireFields.LastBytes(_encoded, 1);

    /// <summary>The entity's type in UTF-8.</summary>
    public ReadOnlySpan<byte> Type => WireFields.LastBytes(_encoded, 2);

    /// <summary>Keys of the resource attributes that identify the entity, in UTF-8.</summary>
    public MessageEnumerator IdKeys => new(_encoded, 3);

    /// <summary>Keys of the resource attributes that describe the entity, in UTF-8.</summary>
    public MessageEnumerator DescriptionKeys => new(_encoded, 4);
}
