using System.Globalization;

namespace TelemetryPipeline.Processors.FieldEncryption.Format;

/// <summary>
/// What a ciphertext is bound to besides its key: <c>enc:v1:&lt;t|v&gt;:&lt;bytes of tenant&gt;:&lt;tenant&gt;:&lt;field&gt;</c>, so that a
/// value moved to another tenant or field, or read as another type, fails authentication.
/// </summary>
internal static class AssociatedData
{
    private const int NumberBytesMax = 12;

    /// <summary>Bytes that suffice for it.</summary>
    public static int SizeMax(int tenantLength, int fieldLength) =>
        ProtectedText.TextPrefix.Length + NumberBytesMax + tenantLength + fieldLength;

    /// <summary>Writes it.</summary>
    /// <param name="isText">Whether the plain form is a text.</param>
    /// <param name="tenant">The tenant in UTF-8; empty for none.</param>
    /// <param name="field">The attribute's key in UTF-8.</param>
    /// <param name="target">Where to.</param>
    /// <returns>What was written.</returns>
    public static ReadOnlySpan<byte> Write(bool isText, ReadOnlySpan<byte> tenant, ReadOnlySpan<byte> field, Span<byte> target)
    {
        var prefix = isText ? ProtectedText.TextPrefix : ProtectedText.ValuePrefix;
        prefix.CopyTo(target);
        var at = prefix.Length;
        tenant.Length.TryFormat(target[at..], out var digits, default, CultureInfo.InvariantCulture);
        at += digits;
        target[at++] = (byte)':';
        tenant.CopyTo(target[at..]);
        at += tenant.Length;
        target[at++] = (byte)':';
        field.CopyTo(target[at..]);
        return target[..(at + field.Length)];
    }
}
