namespace TelemetryPipeline.Otlp.Wire;

/// <summary>Protobuf wire types, the low three bits of a tag.</summary>
internal enum WireType : byte
{
    /// <summary>A number of 1 to 10 bytes.</summary>
    Varint = 0,

    /// <summary>Eight bytes, little-endian.</summary>
    Fixed64 = 1,

    /// <summary>A length and so many bytes: text, bytes, messages, packed numbers.</summary>
    LengthDelimited = 2,

    /// <summary>The beginning of a group, which OTLP has none of.</summary>
    StartGroup = 3,

    /// <summary>The end of a group.</summary>
    EndGroup = 4,

    /// <summary>Four bytes, little-endian.</summary>
    Fixed32 = 5,
}
