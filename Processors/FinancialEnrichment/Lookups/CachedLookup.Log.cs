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

    [LoggerMessage(Level = LogLevel.Warning, Message = "The server for {Key} does not answer: {Problem} Spans go on with what is known; it is asked again every second.")]
    private partial void LogFailed(string key, string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "The server for {Key} answers again.")]
    private partial void LogAnswered(string key);
}
