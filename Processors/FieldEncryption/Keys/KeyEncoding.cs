namespace TelemetryPipeline.Processors.FieldEncryption.Keys;

/// <summary>How a key is written.</summary>
internal enum KeyEncoding : byte
{
    /// <summary>By its length: 32 bytes are raw, 64 characters hexadecimal, 43 or 44 base64.</summary>
    Auto,

    /// <summary>64 hexadecimal digits.</summary>
    Hex,

    /// <summary>Base64 of 32 bytes.</summary>
    Base64,

    /// <summary>The 32 bytes themselves.</summary>
    Raw,
}
