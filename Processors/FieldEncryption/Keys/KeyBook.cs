using System.Collections.Frozen;
using TelemetryPipeline.Processors.FieldEncryption.KeyService;
using TelemetryPipeline.Processors.FinancialEnrichment;

namespace TelemetryPipeline.Processors.FieldEncryption.Keys;

/// <summary>Which tenant has which keys. Immutable.</summary>
internal sealed class KeyBook
{
    private readonly FrozenDictionary<byte[], IKeyRing>.AlternateLookup<ReadOnlySpan<byte>> _tenants;
    private readonly IKeyRing? _others;
    private readonly TenantDataKeys? _byTenant;

    /// <summary>A book.</summary>
    /// <param name="tenants">Rings by tenant in UTF-8.</param>
    /// <param name="others">The ring of all other tenants; null for none.</param>
    /// <param name="byTenant">Makes rings of tenants that are not named; null where <paramref name="others"/> serves them.</param>
    public KeyBook(Dictionary<byte[], IKeyRing> tenants, IKeyRing? others, TenantDataKeys? byTenant)
    {
        _tenants = tenants.ToFrozenDictionary(Utf8Comparer.Instance).GetAlternateLookup<ReadOnlySpan<byte>>();
        _others = others;
        _byTenant = byTenant;
    }

    /// <summary>The keys of a tenant; null where it has none.</summary>
    /// <param name="tenant">The tenant in UTF-8; empty for none.</param>
    public IKeyRing? Of(ReadOnlySpan<byte> tenant)
    {
        if (!tenant.IsEmpty && _tenants.TryGetValue(tenant, out var ring))
        {
            return ring;
        }

        return _byTenant is null ? _others : _byTenant.Of(tenant);
    }
}
