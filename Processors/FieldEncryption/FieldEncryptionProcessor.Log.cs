using Microsoft.Extensions.Logging;
using TelemetryPipeline.Processors.FieldEncryption.Format;

namespace TelemetryPipeline.Processors.FieldEncryption;

internal sealed partial class FieldEncryptionProcessor
{
    private readonly ILogger _log;
    private int _loggedReasons;

    /// <summary>Says each reason for redacting once; how often it applies is a metric.</summary>
    private void LogNewReasons(EncryptionCounts counts)
    {
        for (var i = 0; i < counts.Redacted.Length; i++)
        {
            var bit = 1 << i;
            if (counts.Redacted[i] != 0 && (Volatile.Read(ref _loggedReasons) & bit) == 0
                && (Interlocked.Or(ref _loggedReasons, bit) & bit) == 0)
            {
                LogRedacts(Redaction.Names[i]);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Fields cannot be encrypted or hashed ({Reason}); redacting them, counted in "
        + "otelcol_processor_field_encryption_redacted_fields, similar messages suppressed")]
    private partial void LogRedacts(string reason);
}
