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
    public static SaltBook Read(IReadOnlyList<TenantSaltConfig> configs) =>
        Build(configs, static (index, tenant, key) => Salt.Read(index, tenant, key));

    /// <summary>Reads the salts of one file again; all others stay, and so do those that cannot be read.</summary>
    /// <param name="configs">What the book was read from.</param>
    /// <param name="former">The book.</param>
    /// <param name="file">The file.</param>
    /// <param name="problem">What is wrong with the file; null when all is well.</param>
    /// <returns>Another book; null when nothing changes.</returns>
    public static SaltBook? Reread(IReadOnlyList<TenantSaltConfig> configs, SaltBook former, string file, out string? problem)
    {
        string? found = null;
        var isOther = false;
        var book = Build(configs, (index, tenant, key) =>
        {
            var salt = former.Find(tenant, key.Id);
            if (key.File != file && salt is not null)
            {
                return salt.At(index);
            }

            try
            {
                salt = Salt.Read(index, tenant, key);
                isOther = true;
                return salt;
            }
            catch (ComponentStartException e) when (salt is not null)
            {
                found = e.Message;
                return salt.At(index);
            }
        });
        problem = found;
        return isOther ? book : null;
    }

    private static SaltBook Build(IReadOnlyList<TenantSaltConfig> configs, Func<int, string, SaltKeyConfig, Salt> read)
    {
        var tenants = new Dictionary<byte[], TenantSalts>(Utf8Comparer.Instance);
        TenantSalts? others = null;
        var count = 0;
        foreach (var (tenant, keys) in configs)
        {
            var salts = new Salt[keys.Count];
            for (var i = 0; i < salts.Length; i++)
            {
                salts[i] = read(count++, tenant, keys[i]);
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

    private Salt? Find(string tenant, string id)
    {
        var salts = tenant == TenantSaltConfig.Any ? _others : Of(Encoding.UTF8.GetBytes(tenant));
        foreach (var salt in salts?.All ?? [])
        {
            if (salt.Id.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(id)))
            {
                return salt;
            }
        }

        return null;
    }

    /// <summary>The salts of a tenant; null where neither it nor the rest has one.</summary>
    /// <param name="tenant">The tenant in UTF-8; empty for none.</param>
    public TenantSalts? Of(ReadOnlySpan<byte> tenant) =>
        !tenant.IsEmpty && _tenants.TryGetValue(tenant, out var salts) ? salts : _others;
}
