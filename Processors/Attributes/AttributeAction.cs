using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Matching;

namespace TelemetryPipeline.Processors.Attributes;

/// <summary>What an action does.</summary>
internal enum ActionKind : byte
{
    Insert,
    Update,
    Upsert,
    Delete,
    Hash,
    Extract,
    Convert,
}

/// <summary>One entry of <c>actions</c>, validated.</summary>
internal sealed record AttributeAction
{
    public required ActionKind Kind { get; init; }

    /// <summary>The attribute's key in UTF-8; empty where only a pattern is given.</summary>
    public byte[] Key { get; init; } = [];

    /// <summary>A constant, an encoded <c>AnyValue</c>; null where the value comes from elsewhere.</summary>
    public byte[]? Value { get; init; }

    /// <summary>The key to take the value from, in UTF-8.</summary>
    public byte[]? FromAttribute { get; init; }

    /// <summary>The request header to take the value from.</summary>
    public string? FromContext { get; init; }

    /// <summary>What is used where the source has no value, an encoded <c>AnyValue</c>.</summary>
    public byte[]? DefaultValue { get; init; }

    /// <summary>Matches keys for <c>delete</c> and <c>hash</c>, the value for <c>extract</c>.</summary>
    public Utf8Pattern? Pattern { get; init; }

    /// <summary>The type to convert to.</summary>
    public AnyValueKind ConvertedType { get; init; }
}
