using System.Security.Cryptography;
using TelemetryPipeline.Processors.FieldEncryption.Keys;
using TelemetryPipeline.Processors.FieldEncryption.KeyService;

namespace TelemetryPipeline.Processors.FieldEncryption.Decryption;

/// <summary>Every key that its holder can decrypt with: those at hand, and those that a key service has unwrapped. Not thread-safe.</summary>
internal sealed class DecryptionKeys : IDisposable
{
    private const int UnwrappedMax = 4096;

    private readonly Dictionary<(string Tenant, string Id), FoundKey> _local = [];
    private readonly Dictionary<(string Name, string Wrapped), FoundKey> _unwrapped = [];
    private readonly IReadOnlyList<IKeyService> _services;

    /// <summary>Reads the keys that are at hand; one that cannot be read matters to the values that need it.</summary>
    /// <param name="configs">Where the keys are.</param>
    /// <param name="services">The key services, asked in this order; disposed of with this.</param>
    public DecryptionKeys(IEnumerable<TenantKeysConfig> configs, IReadOnlyList<IKeyService> services)
    {
        _services = services;
        foreach (var config in configs)
        {
            foreach (var key in config.Keys)
            {
                var bytes = KeyStore.ReadKey(key, out var problem);
                _local.TryAdd(
                    (config.Tenant, key.Id),
                    new FoundKey(bytes, bytes is null ? $"key \"{key.Id}\" of tenant \"{config.Tenant}\" cannot be read from {key.Place}: {problem}" : null));
            }
        }
    }

    /// <summary>A key at hand.</summary>
    /// <param name="tenant">The tenant; empty for none.</param>
    /// <param name="id">The key's id.</param>
    public FoundKey Find(string tenant, string id) =>
        _local.TryGetValue((tenant, id), out var own) ? own
        : _local.TryGetValue((TenantKeysConfig.Any, id), out var others) ? others
        : new FoundKey(null, $"there is no key \"{id}\" for tenant \"{tenant}\"");

    /// <summary>A data key that <see cref="UnwrapAsync"/> was asked for before; null where it was not.</summary>
    /// <param name="name">The name of the key that wraps it.</param>
    /// <param name="wrapped">The wrapped key.</param>
    public FoundKey? FindUnwrapped(string name, string wrapped) => _unwrapped.GetValueOrDefault((name, wrapped));

    /// <summary>Has a data key unwrapped, unless it is known.</summary>
    /// <param name="name">The name of the key that wraps it.</param>
    /// <param name="wrapped">The wrapped key.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<FoundKey> UnwrapAsync(string name, string wrapped, CancellationToken cancellation)
    {
        if (_unwrapped.TryGetValue((name, wrapped), out var known))
        {
            return known;
        }

        if (_unwrapped.Count >= UnwrappedMax)
        {
            Forget();
        }

        var found = new FoundKey(null, $"its data key is wrapped by \"{name}\" of a key service, and no key service is configured");
        foreach (var service in _services)
        {
            try
            {
                found = new FoundKey(await service.UnwrapAsync(name, wrapped, cancellation).ConfigureAwait(false), null);
                break;
            }
            catch (KeyServiceException e)
            {
                found = new FoundKey(null, $"the key service does not unwrap its data key with \"{name}\": {e.Message}");
            }
        }

        _unwrapped[(name, wrapped)] = found;
        return found;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Forget();
        foreach (var (_, key) in _local)
        {
            CryptographicOperations.ZeroMemory(key.Bytes);
        }

        foreach (var service in _services)
        {
            service.Dispose();
        }
    }

    private void Forget()
    {
        foreach (var (_, key) in _unwrapped)
        {
            CryptographicOperations.ZeroMemory(key.Bytes);
        }

        _unwrapped.Clear();
    }
}

/// <summary>A key, or why there is none.</summary>
/// <param name="Bytes">The key's 32 bytes; null where there is none.</param>
/// <param name="Problem">Why, as a clause.</param>
internal sealed record FoundKey(byte[]? Bytes, string? Problem)
{
    /// <summary>Never the key.</summary>
    public override string ToString() => Problem ?? "a key";
}
