using System.Collections.Concurrent;
using System.Text;
using TelemetryPipeline.Processors.FieldEncryption.Format;
using TelemetryPipeline.Processors.FieldEncryption.Keys;
using TelemetryPipeline.Processors.FinancialEnrichment;

namespace TelemetryPipeline.Processors.FieldEncryption.KeyService;

/// <summary>Rings of tenants that no setting names: the name of a key is made of the tenant. Bounded; thread-safe.</summary>
/// <param name="pattern">The name, with <c>{tenant}</c> in it.</param>
/// <param name="ringOf">The ring of a key's name.</param>
internal sealed class TenantDataKeys(string pattern, Func<string, IKeyRing> ringOf)
{
    /// <summary>Tenants that get keys; those of more are redacted.</summary>
    public const int TenantsMax = 1000;

    private static readonly IKeyRing Refused = new NoKeys(RedactionReason.NoKey);
    private static readonly IKeyRing TooMany = new NoKeys(RedactionReason.TooManyTenants);

    private readonly ConcurrentDictionary<byte[], IKeyRing> _rings = new(Utf8Comparer.Instance);
    private int _count;

    /// <summary>The ring of a tenant; one that gives no key where its name cannot be that of a key.</summary>
    /// <param name="tenant">The tenant in UTF-8; empty for none.</param>
    public IKeyRing Of(ReadOnlySpan<byte> tenant)
    {
        // The name becomes a part of an address: nothing that could lead elsewhere is let into it.
        if (!ProtectedText.IsKeyId(tenant))
        {
            return Refused;
        }

        return _rings.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(tenant, out var ring) ? ring : Add(tenant);
    }

    private IKeyRing Add(ReadOnlySpan<byte> tenant)
    {
        var name = pattern.Replace(TenantKeysConfig.TenantPlace, Encoding.UTF8.GetString(tenant), StringComparison.Ordinal);
        if (!ProtectedText.IsKeyId(Encoding.UTF8.GetBytes(name)))
        {
            return Refused;
        }

        if (Interlocked.Increment(ref _count) > TenantsMax)
        {
            Interlocked.Decrement(ref _count);
            return TooMany;
        }

        return _rings.GetOrAdd(tenant.ToArray(), static (_, made) => made.ringOf(made.name), (ringOf, name));
    }

    private sealed class NoKeys(RedactionReason why) : IKeyRing
    {
        public FieldKey? Current(DateTimeOffset now, out RedactionReason reason)
        {
            reason = why;
            return null;
        }
    }
}
