using System.Text;
using Microsoft.Extensions.Logging;
using TelemetryPipeline.Exporters.Elasticsearch.Documents;
using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Exporters.Elasticsearch.Bulk;

/// <summary>What happens to documents: log and counter in one place.</summary>
internal sealed partial class BulkEvents
{
    private const int InputLengthMax = 4096;

    private readonly ILogger _log;
    private readonly LogThrottle _refusals;
    private readonly LogThrottle _modes;
    private readonly LogThrottle? _inputs;
    private readonly Counter _refusedModes;

    /// <summary>The events of an exporter.</summary>
    /// <param name="context">The exporter's surroundings.</param>
    /// <param name="config">The settings.</param>
    public BulkEvents(ComponentContext context, ElasticsearchConfig config)
    {
        _log = context.Loggers.CreateLogger($"exporter {context.Id}");
        _refusals = new LogThrottle(context.Time);
        _modes = new LogThrottle(context.Time);
        _inputs = config.LogFailedDocsInput ? new LogThrottle(context.Time, config.LogFailedDocsInputRateLimit) : null;
        _refusedModes = context.Metrics.Counter(
            "otelcol_elasticsearch_mapping_modes_refused", "Scopes that asked for a mapping mode that is not allowed.",
            ("exporter", context.Id.ToString()));
    }

    /// <summary>A document was refused for good.</summary>
    /// <param name="answer">What the server said.</param>
    /// <param name="body">The body.</param>
    /// <param name="document">The document's place in it.</param>
    public void DocumentRefused(in DocumentAnswer answer, BulkBuffer body, int document)
    {
        if (_refusals.TryPass(out var suppressed))
        {
            LogRefused(_log, answer.Status, answer.ErrorType, ServerMessage.Clean(answer.Reason), suppressed);
        }

        if (_inputs is not null && _inputs.TryPass(out suppressed))
        {
            var place = body.Documents[document];
            var input = body.Bytes.WrittenSpan.Slice(place.At, Math.Min(place.Length, InputLengthMax));
            LogInput(_log, Encoding.UTF8.GetString(input), suppressed);
        }
    }

    /// <summary>Scopes asked for shapes that are not allowed.</summary>
    /// <param name="count">How many.</param>
    public void ModesRefused(long count)
    {
        if (count > 0)
        {
            _refusedModes.Add(count);
            if (_modes.TryPass(out var suppressed))
            {
                LogMode(_log, suppressed);
            }
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message =
        "The server rejected a document ({Status} {ErrorType}: {Reason}); {Suppressed} similar messages suppressed")]
    private static partial void LogRefused(ILogger log, int status, string errorType, string reason, long suppressed);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message =
        "Input of a rejected document: {Input}; {Suppressed} similar messages suppressed")]
    private static partial void LogInput(ILogger log, string input, long suppressed);

    [LoggerMessage(EventId = 3, Level = LogLevel.Warning, Message = "A scope requests a mapping mode that mapping::allowed_modes does not list; using mapping::mode; {Suppressed} "
        + "similar messages suppressed")]
    private static partial void LogMode(ILogger log, long suppressed);
}
