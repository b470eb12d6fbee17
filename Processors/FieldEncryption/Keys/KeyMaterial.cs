using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace TelemetryPipeline.Processors.FieldEncryption.Keys;

/// <summary>Reads keys as they are written. Problems never quote what was read.</summary>
internal static class KeyMaterial
{
    /// <summary>Content longer than this cannot be a key.</summary>
    public const int ContentBytesMax = 1024;

    private const int HexLength = 2 * FieldKey.KeyBytes;

    /// <summary>Reads a key.</summary>
    /// <param name="content">The content of a file or variable; a line end behind text does not count.</param>
    /// <param name="encoding">How it is written.</param>
    /// <param name="key">The key's 32 bytes.</param>
    /// <param name="problem">What is wrong, as a sentence that begins with "it".</param>
    public static bool TryRead(
        ReadOnlySpan<byte> content, KeyEncoding encoding, [NotNullWhen(true)] out byte[]? key, [NotNullWhen(false)] out string? problem)
    {
        key = null;
        var text = content.TrimEnd("\r\n"u8);
        if (encoding == KeyEncoding.Auto)
        {
            encoding = (content.Length, text.Length) switch
            {
                (FieldKey.KeyBytes, _) => KeyEncoding.Raw,
                (_, HexLength) => KeyEncoding.Hex,
                (_, 43 or 44) => KeyEncoding.Base64,
                _ => KeyEncoding.Auto,
            };
        }

        problem = encoding switch
        {
            KeyEncoding.Raw => TryRaw(content, out key),
            KeyEncoding.Hex => TryHex(text, out key),
            KeyEncoding.Base64 => TryBase64(text, out key),
            _ => $"it has {text.Length} bytes, which is neither 32 raw bytes nor 64 hexadecimal digits nor base64 of 32 bytes",
        };
        if (key is not null && !key.AsSpan().ContainsAnyExcept(key[0]))
        {
            key = null;
            problem = "it is the same byte 32 times, which is no key";
        }

        return key is not null;
    }

    private static string? TryRaw(ReadOnlySpan<byte> content, out byte[]? key)
    {
        key = content.Length == FieldKey.KeyBytes ? content.ToArray() : null;
        return key is null ? $"it must have 32 bytes, got {content.Length}" : null;
    }

    private static string? TryHex(ReadOnlySpan<byte> text, out byte[]? key)
    {
        var bytes = new byte[FieldKey.KeyBytes];
        key = text.Length == HexLength
            && Convert.FromHexString(text, bytes, out _, out var written) == OperationStatus.Done && written == FieldKey.KeyBytes
            ? bytes
            : null;
        return key is null ? $"it must be 64 hexadecimal digits, got {text.Length} bytes that are not" : null;
    }

    private static string? TryBase64(ReadOnlySpan<byte> text, out byte[]? key)
    {
        Span<byte> padded = stackalloc byte[44];
        var bytes = new byte[FieldKey.KeyBytes + 1];
        key = null;
        if (text.Length is 43 or 44)
        {
            text.CopyTo(padded);
            if (text.Length == 43)
            {
                padded[43] = (byte)'=';
            }

            if (Base64.DecodeFromUtf8(padded, bytes, out _, out var written) == OperationStatus.Done && written == FieldKey.KeyBytes)
            {
                key = bytes[..FieldKey.KeyBytes];
            }
        }

        return key is null ? $"it must be base64 of 32 bytes, got {text.Length} bytes that are not" : null;
    }
}
