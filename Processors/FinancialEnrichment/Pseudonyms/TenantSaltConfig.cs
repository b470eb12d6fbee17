namespace TelemetryPipeline.Processors.FinancialEnrichment.Pseudonyms;

/// <summary>The salts of one tenant.</summary>
/// <param name="Tenant">The <c>tenant.id</c>; <see cref="Any"/> for all that have none of their own.</param>
/// <param name="Keys">The salts.</param>
internal sealed record TenantSaltConfig(string Tenant, IReadOnlyList<SaltKeyConfig> Keys)
{
    /// <summary>Stands for every tenant that is not named, and for spans without one.</summary>
    public const string Any = "*";
}
