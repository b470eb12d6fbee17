namespace TelemetryPipeline.Otlp;

/// <summary>The type of an attribute's value; values are the field numbers of OTLP's <c>AnyValue</c>.</summary>
public enum AnyValueKind : byte
{
    /// <summary>No value is set.</summary>
    Empty,

    /// <summary>Text.</summary>
    Text,

    /// <summary>True or false.</summary>
    Bool,

    /// <summary>A 64-bit integer.</summary>
    Int,

    /// <summary>A 64-bit floating-point number.</summary>
    Double,

    /// <summary>A list of values.</summary>
    Array,

    /// <summary>A list of keys with values.</summary>
    KeyValueList,

    /// <summary>Bytes.</summary>
    Bytes,
}
