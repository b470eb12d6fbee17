using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using TelemetryPipeline.Processors.FieldEncryption.Format;
using TelemetryPipeline.Processors.FieldEncryption.Keys;

namespace TelemetryPipeline.Processors.FieldEncryption.Decryption;

/// <summary>Decrypts single values. Not thread-safe.</summary>
/// <param name="keys">The keys.</param>
internal sealed class FieldDecryptor(DecryptionKeys keys)
{
    /// <summary>The wrapped key of a value, which has to be unwrapped before <see cref="TryDecrypt"/>; null where it has none.</summary>
    /// <param name="text">The value in UTF-8.</param>
    public static (string Name, string Wrapped)? WrappedKeyOf(ReadOnlySpan<byte> text) =>
        ProtectedText.TryParse(text, out var parts) && !parts.WrappedKey.IsEmpty
            ? (Encoding.ASCII.GetString(parts.KeyId), Encoding.ASCII.GetString(parts.WrappedKey))
            : null;

    /// <summary>Decrypts a value.</summary>
    /// <param name="text">The value in UTF-8.</param>
    /// <param name="tenant">The tenant it belongs to in UTF-8; empty for none.</param>
    /// <param name="field">The field it belongs to in UTF-8.</param>
    /// <param name="isText">Whether the plain form is a text; else it is an encoded <c>AnyValue</c>.</param>
    /// <param name="plain">The plain form.</param>
    /// <param name="problem">Why it cannot be decrypted, as a clause.</param>
    public bool TryDecrypt(
        ReadOnlySpan<byte> text,
        ReadOnlySpan<byte> tenant,
        ReadOnlySpan<byte> field,
        out bool isText,
        [NotNullWhen(true)] out byte[]? plain,
        [NotNullWhen(false)] out string? problem)
    {
        isText = false;
        plain = null;
        if (!ProtectedText.TryParse(text, out var parts))
        {
            problem = "it is not an encrypted value, which is enc:v1:<t|v>:<key>:<base64>";
            return false;
        }

        isText = parts.IsText;
        var key = KeyOf(parts, Encoding.UTF8.GetString(tenant));
        problem = key.Problem;
        if (key.Bytes is null)
        {
            problem ??= "there is no key";
            return false;
        }

        var encrypted = new byte[Base64.GetMaxDecodedFromUtf8Length(parts.Payload.Length)];
        Base64.DecodeFromUtf8(parts.Payload, encrypted, out _, out var length);
        var associated = AssociatedData.Write(
            parts.IsText, tenant, field, new byte[AssociatedData.SizeMax(tenant.Length, field.Length)]);
        if (FieldCipher.TryDecrypt(key.Bytes, encrypted.AsSpan(0, length), associated, out plain))
        {
            problem = null;
            return true;
        }

        problem = $"authentication fails: it is damaged, or of another key, tenant or field than key \"{Encoding.ASCII.GetString(parts.KeyId)}\", "
            + $"tenant \"{Encoding.UTF8.GetString(tenant)}\", field \"{Encoding.UTF8.GetString(field)}\"";
        return false;
    }

    private FoundKey KeyOf(EncryptedParts parts, string tenant)
    {
        var id = Encoding.ASCII.GetString(parts.KeyId);
        return parts.WrappedKey.IsEmpty
            ? keys.Find(tenant, id)
            : keys.FindUnwrapped(id, Encoding.ASCII.GetString(parts.WrappedKey)) ?? new FoundKey(null, "its data key was not unwrapped");
    }
}
