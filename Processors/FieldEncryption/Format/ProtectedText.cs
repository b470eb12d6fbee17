using System.Buffers;
using System.Buffers.Text;

namespace TelemetryPipeline.Processors.FieldEncryption.Format;

/// <summary>
/// The text forms of protected values. Encrypted:
/// <c>enc:v1:&lt;t|v&gt;:&lt;key&gt;[:&lt;wrapped key&gt;]:&lt;base64(nonce, tag, ciphertext)&gt;</c>; hashed:
/// <c>hash:v1:&lt;key&gt;:&lt;64 hexadecimal digits&gt;</c>; redacted: <c>[REDACTED:&lt;reason&gt;]</c>.
/// </summary>
internal static class ProtectedText
{
    /// <summary>Bytes of the nonce, which comes first.</summary>
    public const int NonceBytes = 12;

    /// <summary>Bytes of the authentication tag, which comes second.</summary>
    public const int TagBytes = 16;

    /// <summary>Longest key id, or name of a key at a key service.</summary>
    public const int KeyIdLengthMax = 64;

    /// <summary>Longest wrapped data key, as the key service writes it.</summary>
    public const int WrappedKeyLengthMax = 512;

    private const int HashHexLength = 64;

    private static readonly SearchValues<byte> KeyIdBytes = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."u8);

    private static readonly SearchValues<byte> WrappedBytes = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_.:"u8);

    private static readonly SearchValues<byte> HexBytes = SearchValues.Create("0123456789abcdef"u8);

    /// <summary>How an encrypted text value begins.</summary>
    public static ReadOnlySpan<byte> TextPrefix => "enc:v1:t:"u8;

    /// <summary>How an encrypted value of another type begins; its plain form is an encoded <c>AnyValue</c>.</summary>
    public static ReadOnlySpan<byte> ValuePrefix => "enc:v1:v:"u8;

    /// <summary>How a hashed value begins.</summary>
    public static ReadOnlySpan<byte> HashPrefix => "hash:v1:"u8;

    /// <summary>Whether a text can be the id of a key: 1 to 64 letters, digits, and <c>- _ .</c>, a letter or digit first.</summary>
    public static bool IsKeyId(ReadOnlySpan<byte> text) => text.Length is > 0 and <= KeyIdLengthMax
        && !text.ContainsAnyExcept(KeyIdBytes) && char.IsAsciiLetterOrDigit((char)text[0]);

    /// <summary>Whether a text can be a wrapped data key.</summary>
    public static bool IsWrappedKey(ReadOnlySpan<byte> text) =>
        text.Length is > 0 and <= WrappedKeyLengthMax && !text.ContainsAnyExcept(WrappedBytes);

    /// <summary>Whether a text is encrypted, hashed or redacted already, so that it stays as it is.</summary>
    public static bool IsProtected(ReadOnlySpan<byte> text) => text.Length > 0 && text[0] switch
    {
        (byte)'e' => TryParse(text, out _),
        (byte)'h' => IsHash(text),
        (byte)'[' => Redaction.IsMarker(text),
        _ => false,
    };

    /// <summary>Takes an encrypted value apart.</summary>
    /// <param name="text">The text.</param>
    /// <param name="parts">Its parts, when the answer is true.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, out EncryptedParts parts)
    {
        parts = default;
        var isText = text.StartsWith(TextPrefix);
        if (!isText && !text.StartsWith(ValuePrefix))
        {
            return false;
        }

        var rest = text[TextPrefix.Length..];
        var payloadStart = rest.LastIndexOf((byte)':') + 1;
        if (payloadStart < 2)
        {
            return false;
        }

        var reference = rest[..(payloadStart - 1)];
        var payload = rest[payloadStart..];
        var colon = reference.IndexOf((byte)':');
        var keyId = colon < 0 ? reference : reference[..colon];
        var wrapped = colon < 0 ? default : reference[(colon + 1)..];
        if (!IsKeyId(keyId) || (colon >= 0 && !IsWrappedKey(wrapped))
            || !Base64.IsValid(payload, out var length) || length < NonceBytes + TagBytes)
        {
            return false;
        }

        parts = new EncryptedParts(isText, keyId, wrapped, payload, length);
        return true;
    }

    private static bool IsHash(ReadOnlySpan<byte> text)
    {
        if (!text.StartsWith(HashPrefix) || text.Length < HashPrefix.Length + HashHexLength + 1)
        {
            return false;
        }

        var keyId = text[HashPrefix.Length..^(HashHexLength + 1)];
        return text[^(HashHexLength + 1)] == (byte)':' && !text[^HashHexLength..].ContainsAnyExcept(HexBytes)
            && (keyId.IsEmpty || IsKeyId(keyId));
    }
}
