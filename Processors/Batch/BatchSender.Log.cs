using Microsoft.Extensions.Logging;

namespace TelemetryPipeline.Processors.Batch;

internal sealed partial class BatchSender
{
    [LoggerMessage(Level = LogLevel.Error, Message = "Sending a batch failed with an exception; its {Items} items are dropped.")]
    private partial void LogFailed(Exception exception, int items);

    [LoggerMessage(Level = LogLevel.Information, Message = "A batch of {Items} items is held and will be offered again: {Reason}, {Explanation}.")]
    private partial void LogHeld(string reason, int items, string explanation);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Rejected} of {Items} items of a batch were rejected for good: {Reason}, {Explanation}.")]
    private partial void LogRejected(string reason, int rejected, int items, string explanation);

    [LoggerMessage(Level = LogLevel.Error, Message = "A batch of {Items} items is dropped: {Reason}, {Explanation}.")]
    private partial void LogDropped(string reason, int items, string explanation);
}
