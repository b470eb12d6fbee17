namespace TelemetryPipeline.Otlp;

/// <summary>Why an item of a well-formed request cannot be represented.</summary>
public enum ItemProblem : byte
{
    /// <summary>It can be.</summary>
    None,

    /// <summary>A trace or span id has the wrong length, or is not hexadecimal.</summary>
    InvalidId,

    /// <summary>A number is not one, or is outside the range of its field.</summary>
    NumberOutOfRange,

    /// <summary>The name of an enumeration's value is unknown, or its number does not fit.</summary>
    InvalidEnum,

    /// <summary>Bytes are not base64.</summary>
    InvalidBase64,

    /// <summary>A value has another type than its field, or is null where a value must be.</summary>
    WrongType,

    /// <summary>Messages are nested more than <see cref="OtlpRequest.MaxDepth"/> deep.</summary>
    TooDeep,
}
