namespace TelemetryPipeline.Processors.FieldEncryption.KeyService;

/// <summary>A data key as the key service gave it.</summary>
/// <param name="Wrapped">The key, encrypted under a key that never leaves the service.</param>
/// <param name="Key">The key's 32 bytes.</param>
internal sealed record DataKey(string Wrapped, byte[] Key);

/// <summary>Gives out data keys and unwraps them again.</summary>
internal interface IKeyService : IDisposable
{
    /// <summary>A new data key.</summary>
    /// <param name="name">The name of the key that wraps it.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="KeyServiceException">The service does not give one.</exception>
    Task<DataKey> NewDataKeyAsync(string name, CancellationToken cancellation);

    /// <summary>The data key that was wrapped.</summary>
    /// <param name="name">The name of the key that wraps it.</param>
    /// <param name="wrapped">The wrapped key.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="KeyServiceException">The service does not unwrap it.</exception>
    Task<byte[]> UnwrapAsync(string name, string wrapped, CancellationToken cancellation);
}
