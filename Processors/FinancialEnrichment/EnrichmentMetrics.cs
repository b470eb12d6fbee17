using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Processors.FinancialEnrichment.SensitiveValues;

namespace TelemetryPipeline.Processors.FinancialEnrichment;

/// <summary>The metrics of the processor, written once a batch.</summary>
internal sealed class EnrichmentMetrics
{
    private const string Prefix = "otelcol_processor_financial_enrichment_";

    // In the order of LookupAnswer.
    private static readonly string[] AnswerNames = ["found", "none", "unknown"];

    private readonly Counter[] _failedConversions;
    private readonly Counter[] _brokenRules;
    private readonly Counter[] _replaced;
    private readonly Counter[] _lookupAnswers;
    private readonly Counter _dropped;
    private readonly Counter _unknownNodes;

    public EnrichmentMetrics(ComponentContext context, Enricher enricher)
    {
        var mappings = enricher.Mappings;
        var rules = enricher.Rules;
        var lookups = enricher.LookupNames;
        var processor = ("processor", context.Id.ToString());
        _failedConversions = new Counter[mappings.Count];
        for (var i = 0; i < mappings.Count; i++)
        {
            _failedConversions[i] = context.Metrics.Counter(
                Prefix + "failed_conversions", "Values that have no form in the type of their mapping.", processor, ("key", mappings[i].Name));
        }

        _brokenRules = new Counter[rules.Count];
        for (var i = 0; i < rules.Count; i++)
        {
            _brokenRules[i] = context.Metrics.Counter(
                Prefix + "validation_errors", "Values that break a validation rule.", processor, ("rule", rules[i].Name));
        }

        _replaced = new Counter[TextScrubber.KindNames.Length];
        for (var i = 0; i < _replaced.Length; i++)
        {
            _replaced[i] = context.Metrics.Counter(
                Prefix + "replaced_values", "Sensitive values replaced by pseudonyms.", processor, ("kind", TextScrubber.KindNames[i]));
        }

        _lookupAnswers = new Counter[lookups.Count * AnswerNames.Length];
        for (var i = 0; i < _lookupAnswers.Length; i++)
        {
            _lookupAnswers[i] = context.Metrics.Counter(
                Prefix + "lookups",
                "Values looked up, by answer.",
                processor,
                ("lookup", lookups[i / AnswerNames.Length]),
                ("answer", AnswerNames[i % AnswerNames.Length]));
        }

        HoldLimits = context.Metrics.Counter(
            Prefix + "unheld_batches", "Batches that did not wait for lookups because too many were waiting.", processor);
        _dropped = context.Metrics.Counter(
            Prefix + "dropped_spans", "Spans dropped, by reason.", processor, ("reason", "validation"));
        _unknownNodes = context.Metrics.Counter(
            Prefix + "unknown_node_spans", "Spans of services that the topology does not know.", processor);
    }

    /// <summary>Batches that did not wait because too many were waiting.</summary>
    public Counter HoldLimits { get; }

    /// <summary>Writes what a batch has brought, and forgets it.</summary>
    public void Flush(EnrichmentScratch scratch)
    {
        Flush(_failedConversions, scratch.FailedConversions);
        Flush(_brokenRules, scratch.BrokenRules);
        Flush(_replaced, scratch.Scrubber.Replaced);
        Flush(_lookupAnswers, scratch.LookupAnswers);
        _dropped.Add(scratch.Dropped);
        _unknownNodes.Add(scratch.UnknownNodes);
        scratch.Dropped = 0;
        scratch.UnknownNodes = 0;
    }

    private static void Flush(Counter[] counters, int[] counts)
    {
        for (var i = 0; i < counters.Length; i++)
        {
            if (counts[i] != 0)
            {
                counters[i].Add(counts[i]);
                counts[i] = 0;
            }
        }
    }
}
