using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Processors.FinancialEnrichment.Lookups;
using TelemetryPipeline.Processors.FinancialEnrichment.Mapping;
using TelemetryPipeline.Processors.FinancialEnrichment.Nodes;
using TelemetryPipeline.Processors.FinancialEnrichment.Pseudonyms;
using TelemetryPipeline.Processors.FinancialEnrichment.Validation;

namespace TelemetryPipeline.Processors.FinancialEnrichment;

/// <summary>Options of the <c>financial_enrichment</c> processor; without any it does the right thing for a transfer.</summary>
public sealed record FinancialEnrichmentConfig
{
    /// <summary>What is mapped.</summary>
    internal IReadOnlyList<MappingConfig> Mappings { get; init; } = ShippedMappings.All;

    /// <summary>Which service is which node.</summary>
    internal TopologyConfig Topology { get; init; } = new();

    /// <summary>What is looked up.</summary>
    internal IReadOnlyList<LookupConfig> Lookups { get; init; } = [];

    /// <summary>What is replaced by pseudonyms.</summary>
    internal PseudonymConfig Pseudonyms { get; init; } = new();

    /// <summary>What is checked.</summary>
    internal ValidationConfig Validation { get; init; } = new();

    /// <summary>Whether each span gets a verdict.</summary>
    internal bool Status { get; init; } = true;

    /// <summary>Reads and validates the section.</summary>
    /// <param name="section">The component's section.</param>
    internal static FinancialEnrichmentConfig Read(ConfigSection section)
    {
        var status = section.Section("status");
        var config = new FinancialEnrichmentConfig
        {
            Mappings = ReadMappings(section),
            Topology = TopologyConfig.Read(section.Section("topology")),
            Lookups = ReadLookups(section),
            Pseudonyms = PseudonymConfig.Read(section.Section("pseudonymize")),
            Validation = ValidationConfig.Read(section.Section("validate")),
            Status = status.Bool("enabled", true),
        };
        status.Finish();
        return config;
    }

    private static List<LookupConfig> ReadLookups(ConfigSection section)
    {
        var lookups = new List<LookupConfig>();
        foreach (var entry in section.Sections("lookups"))
        {
            lookups.Add(LookupConfig.Read(entry));
        }

        return lookups;
    }

    /// <summary>Configured mappings take the place of shipped ones of the same target; the others stay.</summary>
    private static List<MappingConfig> ReadMappings(ConfigSection section)
    {
        var keepShipped = section.Bool("default_mappings", true);
        var mappings = new List<MappingConfig>();
        foreach (var entry in section.Sections("mappings"))
        {
            var mapping = MappingConfig.Read(entry);
            if (mappings.Exists(m => m.To == mapping.To))
            {
                entry.Error("to", $"is mapped twice: \"{mapping.To}\"");
            }

            mappings.Add(mapping);
        }

        foreach (var shipped in keepShipped ? ShippedMappings.All : [])
        {
            if (!mappings.Exists(m => m.To == shipped.To))
            {
                mappings.Add(shipped);
            }
        }

        return mappings;
    }
}
