using System.Text;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Processors.FieldEncryption.Format;

namespace TelemetryPipeline.Processors.FieldEncryption.Keys;

/// <summary>The keys of one tenant: its own, or the name of its key at the key service.</summary>
internal sealed record TenantKeysConfig
{
    /// <summary>Stands for every tenant that is not named, and for data without one.</summary>
    public const string Any = "*";

    /// <summary>Stands for the tenant in <see cref="TransitKey"/>.</summary>
    public const string TenantPlace = "{tenant}";

    /// <summary>The <c>tenant.id</c>, or <see cref="Any"/>.</summary>
    public string Tenant { get; init; } = Any;

    /// <summary>Keys that are at hand; empty where the key service has the tenant's.</summary>
    public IReadOnlyList<KeyConfig> Keys { get; init; } = [];

    /// <summary>The name of the tenant's key at the key service; <c>{tenant}</c> in it is replaced. Null for none.</summary>
    public string? TransitKey { get; init; }

    /// <summary>Reads the list <c>keys</c>.</summary>
    /// <param name="section">The section that may hold it.</param>
    public static IReadOnlyList<TenantKeysConfig> ReadAll(ConfigSection section)
    {
        var all = new List<TenantKeysConfig>();
        foreach (var entry in section.Sections("keys"))
        {
            var keys = Read(entry);
            if (all.Exists(other => other.Tenant == keys.Tenant))
            {
                entry.Error("tenant", $"is there twice: \"{keys.Tenant}\"");
            }

            all.Add(keys);
        }

        return all;
    }

    private static TenantKeysConfig Read(ConfigSection entry)
    {
        var keys = new List<KeyConfig>();
        foreach (var key in entry.Sections("keys"))
        {
            keys.Add(KeyConfig.Read(key));
        }

        var config = new TenantKeysConfig
        {
            Tenant = entry.Text("tenant", Any)!,
            Keys = keys,
            TransitKey = entry.Text("transit_key"),
        };
        if ((keys.Count > 0) == (config.TransitKey is not null))
        {
            entry.Error("", "must have exactly one of \"keys\" (at least one key) and \"transit_key\"");
        }

        if (keys.Exists(k => keys.FindAll(other => other.Id == k.Id).Count > 1))
        {
            entry.Error("keys", "must have ids that differ");
        }

        if (config.TransitKey is { } name
            && !ProtectedText.IsKeyId(Encoding.UTF8.GetBytes(name.Replace(TenantPlace, "t", StringComparison.Ordinal))))
        {
            entry.Error("transit_key", $"must be 1 to 64 letters, digits, and - _ . or {TenantPlace}, got \"{name}\"");
        }

        entry.Finish();
        return config;
    }
}
