using TelemetryPipeline.Processors.FinancialEnrichment.SensitiveValues;
using TelemetryPipeline.Processors.FinancialEnrichment.Lookups;
using TelemetryPipeline.Processors.FinancialEnrichment.Mapping;
using TelemetryPipeline.Processors.FinancialEnrichment.Pseudonyms;

namespace TelemetryPipeline.Processors.FinancialEnrichment;

/// <summary>What one thread needs to enrich a batch, kept for the next batch.</summary>
internal sealed class EnrichmentScratch
{
    public EnrichmentScratch(
        SaltsInUse salts, Pseudonymizer pseudonyms, TextScrubber scrubber, MappingPlans plans, int mappingCount, int ruleCount, int lookupCount)
    {
        Salts = salts;
        Pseudonyms = pseudonyms;
        Scrubber = scrubber;
        Plans = plans;
        FailedConversions = new int[mappingCount];
        BrokenRules = new int[ruleCount];
        LookupAnswers = new int[lookupCount * LookupStep.AnswerCount];
    }

    /// <summary>What pseudonyms are made with.</summary>
    public SaltsInUse Salts { get; }

    public Pseudonymizer Pseudonyms { get; }

    public TextScrubber Scrubber { get; }

    /// <summary>What the mappings come to for the spans seen last.</summary>
    public MappingPlans Plans { get; }

    /// <summary>Conversions that failed in the batch, by mapping.</summary>
    public int[] FailedConversions { get; }

    /// <summary>Rules that were broken in the batch, by rule.</summary>
    public int[] BrokenRules { get; }

    /// <summary>Answers of lookups in the batch, by lookup and kind of answer.</summary>
    public int[] LookupAnswers { get; }

    /// <summary>Spans dropped in the batch.</summary>
    public int Dropped { get; set; }

    /// <summary>Spans of services that the topology does not know.</summary>
    public int UnknownNodes { get; set; }
}
