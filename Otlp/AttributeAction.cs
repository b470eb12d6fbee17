namespace TelemetryPipeline.Otlp;

/// <summary>What becomes of an attribute.</summary>
public enum AttributeAction : byte
{
    /// <summary>It stays; where its value is a list, the entries in it are looked at.</summary>
    Keep,

    /// <summary>Its value is replaced.</summary>
    Replace,

    /// <summary>It is removed.</summary>
    Remove,
}
