using System.Collections.Frozen;
using System.Text;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Pseudonyms;

/// <summary>Which tenant has which salts. Immutable.</summary>
internal sealed class SaltBook
{
    private readonly FrozenDictionary<byte[], TenantSalts>.AlternateLookup<ReadOnlySpan<byte>> _tenants;
    private readonly TenantSalts? _others;

    private SaltBook(Dictionary<byte[], TenantSalts> tenants, TenantSalts? others, int count)
    {
        _tenants = tenants.ToFrozenDictionary(Utf8Comparer.Instance).GetAlternateLookup<ReadOnlySpan<byte>>();
        _others = others;
        SaltCount = count;
    }

    /// <summary>How many salts there are.</summary>
    public int SaltCount { get; }

    /// <summary>One salt for all, of this process alone.</summary>
    public static SaltBook Drawn(byte[] salt) => new(new(Utf8Comparer.Instance), new TenantSalts([Salt.Drawn(salt)]), 1);

    /// <summary>Reads every salt.</summary>
    /// <exception cref="ComponentStartException">One cannot be read.</exception>
    public static SaltBook Read(IReadOnlyList<TenantSaltConfig> configs)
    {
        var tenants = new Dictionary<byte[], TenantSalts>(Utf8Comparer.Instance);
        TenantSalts? others = null;
        var count = 0;
        foreach (var (tenant, keys) in configs)
        {
            var salts = new Salt[keys.Count];
            for (var i = 0; i < salts.Length; i++)
            {
                salts[i] = Salt.Read(count++, tenant, keys[i]);
            }

            if (tenant == TenantSaltConfig.Any)
            {
                others = new TenantSalts(salts);
            }
            else
            {
                tenants.Add(Encoding.UTF8.GetBytes(tenant), new TenantSalts(salts));
            }
        }

        return new SaltBook(tenants, others, count);
    }

    /// <summary>The salts of a tenant; null where neither it nor the rest has one.</summary>
    /// <param name="tenant">The tenant in UTF-8; empty for none.</param>
    public TenantSalts? Of(ReadOnlySpan<byte> tenant) =>
        !tenant.IsEmpty && _tenants.TryGetValue(tenant, out var salts) ? salts : _others;
}
