namespace TelemetryPipeline.Processors.FieldEncryption.Format;

/// <summary>Why a value was redacted instead of what its policy asks for.</summary>
internal enum RedactionReason : byte
{
    /// <summary>The tenant has no key.</summary>
    NoKey,

    /// <summary>The tenant's keys are all before their <c>from</c> or past their <c>until</c>, or the data key is past its lifetime.</summary>
    KeyExpired,

    /// <summary>The data key has encrypted as much as it may.</summary>
    KeyExhausted,

    /// <summary>The key service has not given a key yet.</summary>
    KeyService,

    /// <summary>More tenants than keys are kept for.</summary>
    TooManyTenants,
}

/// <summary>The marker that stands for a value that was redacted.</summary>
internal static class Redaction
{
    /// <summary>The reasons as labels, in the order of <see cref="RedactionReason"/>.</summary>
    public static readonly string[] Names = ["no_key", "key_expired", "key_exhausted", "key_service", "too_many_tenants"];

    private static readonly byte[][] Markers = Array.ConvertAll(Names, static n => System.Text.Encoding.ASCII.GetBytes($"[REDACTED:{n}]"));

    /// <summary>What stands for a copy of a value that is protected where it belongs.</summary>
    public static ReadOnlySpan<byte> CopyMarker => "[REDACTED:copy]"u8;

    /// <summary>What stands for a value.</summary>
    public static ReadOnlySpan<byte> Marker(RedactionReason reason) => Markers[(int)reason];

    /// <summary>Whether a text is a marker.</summary>
    public static bool IsMarker(ReadOnlySpan<byte> text)
    {
        foreach (var marker in Markers)
        {
            if (text.SequenceEqual(marker))
            {
                return true;
            }
        }

        return text.SequenceEqual(CopyMarker) || text.SequenceEqual("[REDACTED]"u8);
    }
}
