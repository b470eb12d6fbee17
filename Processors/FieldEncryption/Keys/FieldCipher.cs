using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using TelemetryPipeline.Processors.FieldEncryption.Format;

namespace TelemetryPipeline.Processors.FieldEncryption.Keys;

/// <summary>AES-256-GCM under one key, and nonces of its own. Not thread-safe.</summary>
internal sealed class FieldCipher : IDisposable
{
    /// <summary>By how much an encrypted value is longer than its plain form.</summary>
    public const int Overhead = ProtectedText.NonceBytes + ProtectedText.TagBytes;

    private readonly FieldKey _key;
    private readonly AesGcm _aes;
    private ulong _prefix;
    private uint _counter;
    private int _left;

    /// <summary>A cipher.</summary>
    /// <param name="key">Gives out nonces.</param>
    /// <param name="bytes">The key itself.</param>
    public FieldCipher(FieldKey key, ReadOnlySpan<byte> bytes)
    {
        _key = key;
        _aes = new AesGcm(bytes, ProtectedText.TagBytes);
    }

    /// <summary>Whose cipher it is.</summary>
    public FieldKey Key => _key;

    /// <summary>Encrypts.</summary>
    /// <param name="plain">What.</param>
    /// <param name="associated">What it is bound to.</param>
    /// <param name="target">Nonce, tag and ciphertext; <see cref="Overhead"/> bytes longer than <paramref name="plain"/>, and apart from it.</param>
    /// <returns>False when the key has been used as often as it may.</returns>
    public bool TryEncrypt(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> associated, Span<byte> target)
    {
        if (_left == 0 && !TryTakeNonces())
        {
            return false;
        }

        var nonce = target[..ProtectedText.NonceBytes];
        BinaryPrimitives.WriteUInt64BigEndian(nonce, _prefix);
        BinaryPrimitives.WriteUInt32BigEndian(nonce[sizeof(ulong)..], _counter);
        _counter++;
        _left--;
        _aes.Encrypt(nonce, plain, target[Overhead..], target[ProtectedText.NonceBytes..Overhead], associated);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _aes.Dispose();

    /// <summary>Decrypts with a key, for readers of values.</summary>
    /// <param name="key">The key.</param>
    /// <param name="encrypted">Nonce, tag and ciphertext.</param>
    /// <param name="associated">What it is bound to.</param>
    /// <param name="plain">The plain form.</param>
    /// <returns>False when key, tenant, field or the value itself is another one.</returns>
    public static bool TryDecrypt(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> encrypted, ReadOnlySpan<byte> associated, [NotNullWhen(true)] out byte[]? plain)
    {
        plain = null;
        if (encrypted.Length < Overhead)
        {
            return false;
        }

        using var aes = new AesGcm(key, ProtectedText.TagBytes);
        var decrypted = new byte[encrypted.Length - Overhead];
        try
        {
            aes.Decrypt(
                encrypted[..ProtectedText.NonceBytes],
                encrypted[Overhead..],
                encrypted[ProtectedText.NonceBytes..Overhead],
                decrypted,
                associated);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }

        plain = decrypted;
        return true;
    }

    private bool TryTakeNonces()
    {
        if (!_key.TryTakeNonces(out _prefix, out _counter))
        {
            return false;
        }

        _left = FieldKey.NonceBlock;
        return true;
    }
}
