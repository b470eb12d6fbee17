using Microsoft.Extensions.Logging;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Processors.FieldEncryption.KeyService;

internal sealed partial class DataKeyFetcher
{
    private const string FetchMetric = "otelcol_processor_field_encryption_key_fetches";
    private const string FetchHelp = "Data keys asked of the key service, by outcome.";

    private readonly ILogger _log;
    private readonly Counter _fetches;
    private readonly Counter _failures;
    private readonly HashSet<string> _failing = new(StringComparer.Ordinal);

    private void Fetched(string name)
    {
        _fetches.Add(1);
        lock (_failing)
        {
            if (_failing.Remove(name))
            {
                LogAnswers(name);
                if (_failing.Count == 0)
                {
                    _report(null);
                }
            }
        }
    }

    private void Failed(string name, string problem)
    {
        _failures.Add(1);
        lock (_failing)
        {
            if (_failing.Add(name))
            {
                LogFails(name, problem);
            }

            _report($"no data key for \"{name}\": {problem}");
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Fetching a data key for \"{Name}\" from the key service failed; using the current key until it expires, then "
        + "redacting: {Problem}")]
    private partial void LogFails(string name, string problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "Fetching data keys for \"{Name}\" recovered")]
    private partial void LogAnswers(string name);
}
