using System.Linq;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Processors.FieldEncryption.Keys;
using TelemetryPipeline.Processors.FieldEncryption.KeyService;
using TelemetryPipeline.Processors.FieldEncryption.Policies;
using TelemetryPipeline.Transfers;

namespace TelemetryPipeline.Processors.FieldEncryption;

/// <summary>Options of the <c>field_encryption</c> processor.</summary>
public sealed record FieldEncryptionConfig
{
    /// <summary>The attribute that names the tenant.</summary>

    /// <summary>The header of an OTLP request that names the class of all that is in it.</summary>
    internal const string ClassHeader = "X-Data-Classification";

    private static readonly string[] ClassAttributesDefault =
    [
        "data.classification",
        "http.request.header.x-data-classification",
        "http.request.header.x_data_classification",
        "rpc.request.metadata.x-data-classification",
        "rpc.grpc.request.metadata.x-data-classification",
    ];

    /// <summary>Policies in order, those that are part of the build last.</summary>
    internal IReadOnlyList<PolicyConfig> Policies { get; init; } = ShippedPolicies.All;

    /// <summary>What is known of tenants.</summary>
    internal IReadOnlyList<TenantClassConfig> TenantClasses { get; init; } = [];

    /// <summary>The classes of data of which nothing is known.</summary>
    internal IReadOnlyList<string> DefaultClasses { get; init; } = ShippedPolicies.Classes;

    /// <summary>Attributes of items and resources that name the class.</summary>
    internal IReadOnlyList<string> ClassAttributes { get; init; } = ClassAttributesDefault;

    /// <summary>Whether values of protected fields are redacted where else they stand in the same item.</summary>
    internal bool RedactCopies { get; init; } = true;

    /// <summary>Keys by tenant.</summary>
    internal IReadOnlyList<TenantKeysConfig> Keys { get; init; } = [];

    /// <summary>The key service; null for none.</summary>
    internal KeyServiceConfig? KeyService { get; init; }

    /// <summary>How fields are hashed.</summary>
    internal HashConfig Hash { get; init; } = new();

    /// <summary>Keys of attributes that no policy changes, because they choose the policy.</summary>
    internal IReadOnlyList<string> Reserved => [BusinessKeys.Tenant, .. ClassAttributes];

    /// <summary>Reads and validates the section.</summary>
    /// <param name="section">The component's section.</param>
    internal static FieldEncryptionConfig Read(ConfigSection section)
    {
        var classAttributes = section.Texts("class_attributes", ClassAttributesDefault);
        var config = new FieldEncryptionConfig
        {
            ClassAttributes = classAttributes,
            Policies = ReadPolicies(section, [BusinessKeys.Tenant, .. classAttributes]),
            RedactCopies = section.Bool("redact_copies", true),
            TenantClasses = TenantClassConfig.ReadAll(section),
            DefaultClasses = [.. section.Texts("default_classes", ShippedPolicies.Classes).Select(static c => c.ToLowerInvariant())],
            Keys = TenantKeysConfig.ReadAll(section),
            KeyService = KeyServiceConfig.Read(section),
            Hash = HashConfig.Read(section.Section("hash")),
        };
        CheckKeys(section, config);
        return config;
    }

    /// <summary>Reads and validates a section that holds keys only.</summary>
    /// <param name="section">The section.</param>
    internal static FieldEncryptionConfig ReadKeys(ConfigSection section)
    {
        var config = new FieldEncryptionConfig
        {
            Policies = [],
            Keys = TenantKeysConfig.ReadAll(section),
            KeyService = KeyServiceConfig.Read(section),
        };
        if (config.Keys.Count == 0 && config.KeyService is null)
        {
            section.Error("", "must have \"keys\" or \"key_service\"");
        }

        return config;
    }

    private static List<PolicyConfig> ReadPolicies(ConfigSection section, IReadOnlyList<string> reserved)
    {
        var policies = new List<PolicyConfig>();
        foreach (var entry in section.Sections("policies"))
        {
            policies.Add(PolicyConfig.Read(entry, reserved));
        }

        var configuredMax = PolicyBook.PoliciesMax - ShippedPolicies.All.Count;
        if (policies.Count > configuredMax)
        {
            section.Error("policies", $"must have at most {configuredMax} entries, got {policies.Count}");
        }

        if (section.Bool("default_policies", true))
        {
            policies.AddRange(ShippedPolicies.All);
        }

        return policies;
    }

    private static void CheckKeys(ConfigSection section, FieldEncryptionConfig config)
    {
        var needsService = config.Keys.Any(static k => k.TransitKey is not null);
        if (needsService && config.KeyService is null)
        {
            section.Error("key_service", "must be set, because a \"transit_key\" is");
        }
        else if (!needsService && config.KeyService is not null)
        {
            section.Error("key_service", "is not used: no entry of \"keys\" has a \"transit_key\"");
        }

        if (config.Keys.Count == 0 && config.Policies.Any(static p => p.Action == FieldAction.Encrypt))
        {
            section.Warning("keys", "not set: the values of fields to encrypt are redacted");
        }

        if (config.Hash.Keys.Count == 0 && config.Policies.Any(static p => p.Action == FieldAction.Hash))
        {
            section.Error("hash::keys", "must be set, because a policy has the action \"hash\"");
        }
    }
}
