namespace TelemetryPipeline.Processors.FieldEncryption.Format;

/// <summary>An encrypted value taken apart.</summary>
internal readonly ref struct EncryptedParts
{
    public EncryptedParts(bool isText, ReadOnlySpan<byte> keyId, ReadOnlySpan<byte> wrappedKey, ReadOnlySpan<byte> payload, int payloadBytes)
    {
        IsText = isText;
        KeyId = keyId;
        WrappedKey = wrappedKey;
        Payload = payload;
        PayloadBytes = payloadBytes;
    }

    /// <summary>Whether the plain form is a text; else it is an encoded <c>AnyValue</c>.</summary>
    public bool IsText { get; }

    /// <summary>The key's id or, beside a wrapped key, the name of the key that unwraps it.</summary>
    public ReadOnlySpan<byte> KeyId { get; }

    /// <summary>The wrapped data key; empty for a key that its holder has.</summary>
    public ReadOnlySpan<byte> WrappedKey { get; }

    /// <summary>Nonce, tag and ciphertext in base64.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>Bytes that <see cref="Payload"/> stands for.</summary>
    public int PayloadBytes { get; }
}
