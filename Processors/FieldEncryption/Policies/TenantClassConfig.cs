using System.Linq;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Processors.FieldEncryption.Policies;

/// <summary>The classes that a tenant's data belongs to, whatever the data says itself.</summary>
/// <param name="Tenant">The tenant, with wildcards.</param>
/// <param name="Classes">The classes, lower case.</param>
internal sealed record TenantClassConfig(WildcardText Tenant, IReadOnlyList<string> Classes)
{
    /// <summary>Reads the list <c>tenant_classes</c>.</summary>
    /// <param name="section">The section that may hold it.</param>
    public static IReadOnlyList<TenantClassConfig> ReadAll(ConfigSection section)
    {
        var all = new List<TenantClassConfig>();
        foreach (var entry in section.Sections("tenant_classes"))
        {
            var tenant = entry.RequiredText("tenant");
            string[] classes = [.. entry.Texts("classes").Select(static c => c.ToLowerInvariant())];
            if (classes.Length == 0)
            {
                entry.Error("classes", "must have at least one class");
            }

            all.Add(new TenantClassConfig(new WildcardText(tenant), classes));
            entry.Finish();
        }

        return all;
    }
}
