using Microsoft.Extensions.Logging;

namespace TelemetryPipeline.Processors.Batch;

internal sealed partial class BatchSender
{
    [LoggerMessage(Level = LogLevel.Error, Message = "Unexpected error while forwarding a batch; dropped {Items} items")]
    private partial void LogFailed(Exception exception, int items);

    [LoggerMessage(Level = LogLevel.Information, Message = "Forwarding a batch of {Items} items failed ({Reason}: {Explanation}); retrying")]
    private partial void LogHeld(string reason, int items, string explanation);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The next pipeline rejected {Rejected} of {Items} items of a batch ({Reason}: {Explanation}); the items are dropped")]
    private partial void LogRejected(string reason, int rejected, int items, string explanation);

    [LoggerMessage(Level = LogLevel.Error, Message = "Dropped a batch of {Items} items ({Reason}: {Explanation})")]
    private partial void LogDropped(string reason, int items, string explanation);
}
