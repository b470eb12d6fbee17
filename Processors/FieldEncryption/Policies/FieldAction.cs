namespace TelemetryPipeline.Processors.FieldEncryption.Policies;

/// <summary>What is done to a field.</summary>
internal enum FieldAction : byte
{
    /// <summary>AES-256-GCM with the tenant's key.</summary>
    Encrypt,

    /// <summary>The attribute is removed.</summary>
    Drop,

    /// <summary>All but its first and last characters are replaced.</summary>
    Mask,

    /// <summary>It is replaced by a keyed hash.</summary>
    Hash,

    /// <summary>It stays as it is: an exception to a policy that comes later.</summary>
    Keep,
}
