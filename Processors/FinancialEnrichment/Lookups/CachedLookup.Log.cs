using Microsoft.Extensions.Logging;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Lookups;

internal sealed partial class CachedLookup
{
    private const string FailureMetric = "otelcol_processor_financial_enrichment_lookup_failures";
    private const string OverflowMetric = "otelcol_processor_financial_enrichment_lookup_overflows";
    private const string EntriesMetric = "otelcol_processor_financial_enrichment_lookup_entries";

    private readonly ILogger _log;
    private readonly Counter _failures;
    private readonly Counter _overflows;
    private bool _failing;

    private void Failed(LookupFailedException cause)
    {
        _failures.Add(1);
        if (!_failing)
        {
            _failing = true;
            LogFailed(_config.To, cause.Message);
        }
    }

    private void Answered()
    {
        if (_failing)
        {
            _failing = false;
            LogAnswered(_config.To);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Lookup of {Key} failed; using cached values and retrying every second: {Problem}")]
    private partial void LogFailed(string key, string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "Lookup of {Key} recovered")]
    private partial void LogAnswered(string key);
}
