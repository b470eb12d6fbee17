using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Pseudonyms;

/// <summary>The salts of one tenant.</summary>
/// <param name="Tenant">The <c>tenant.id</c>; <see cref="Any"/> for all that have none of their own.</param>
/// <param name="Keys">The salts.</param>
internal sealed record TenantSaltConfig(string Tenant, IReadOnlyList<SaltKeyConfig> Keys)
{
    /// <summary>Stands for every tenant that is not named, and for spans without one.</summary>
    public const string Any = "*";

    /// <summary>Reads a list of tenants with their salts.</summary>
    /// <param name="section">The section that may hold it.</param>
    /// <param name="list">Its key.</param>
    public static IReadOnlyList<TenantSaltConfig> ReadAll(ConfigSection section, string list)
    {
        var tenants = new List<TenantSaltConfig>();
        foreach (var entry in section.Sections(list))
        {
            var keys = new List<SaltKeyConfig>();
            foreach (var key in entry.Sections("keys"))
            {
                keys.Add(SaltKeyConfig.Read(key));
            }

            var tenant = entry.Text("tenant", Any)!;
            if (keys.Count == 0)
            {
                entry.Error("keys", "must have at least one key");
            }

            if (keys.Exists(k => keys.FindAll(other => other.Id == k.Id).Count > 1))
            {
                entry.Error("keys", "must have ids that differ");
            }

            if (tenants.Exists(t => t.Tenant == tenant))
            {
                entry.Error("tenant", $"is there twice: \"{tenant}\"");
            }

            tenants.Add(new TenantSaltConfig(tenant, keys));
            entry.Finish();
        }

        return tenants;
    }
}
