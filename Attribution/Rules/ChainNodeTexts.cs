namespace TelemetryPipeline.Attribution.Rules;

/// <summary>One node of a chain, as rules see it; texts are UTF-8 and empty where unknown.</summary>
internal readonly struct ChainNodeTexts
{
    /// <summary><c>service.name</c> of its resource.</summary>
    public ReadOnlyMemory<byte> Service { get; init; }

    /// <summary><c>node_type</c>, of the span or its resource.</summary>
    public ReadOnlyMemory<byte> NodeType { get; init; }

    /// <summary>The span's name.</summary>
    public ReadOnlyMemory<byte> Name { get; init; }

    /// <summary>The span's <c>code</c>.</summary>
    public ReadOnlyMemory<byte> Code { get; init; }
}
