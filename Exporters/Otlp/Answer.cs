using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Exporters.Otlp;

/// <summary>What an exchange came to: the outcome for the pipeline, and the warning that a success may carry.</summary>
/// <param name="Result">The outcome.</param>
/// <param name="Warning">What the server said beside accepting everything; empty for nothing.</param>
internal readonly record struct Answer(ConsumeResult Result, string Warning = "")
{
    /// <summary>The reason of items that the server refused in a partial success.</summary>
    public const string PartialSuccess = "partial_success";

    /// <summary>The reason of a success that cannot be read.</summary>
    public const string InvalidResponse = "invalid_response";

    /// <summary>Everything was taken.</summary>
    public static Answer Accepted => new(ConsumeResult.Accepted);

    /// <summary>What an <c>Export*ServiceResponse</c> says. Never retried: OTLP forbids it.</summary>
    /// <param name="outcome">The response.</param>
    /// <param name="itemCount">Items that were sent; the server cannot refuse more.</param>
    public static Answer Of(ExportOutcome outcome, int itemCount)
    {
        var message = ServerMessage.Clean(outcome.Message ?? "");
        var rejected = (int)Math.Clamp(outcome.RejectedItems, 0, itemCount);
        return rejected == 0
            ? new Answer(ConsumeResult.Accepted, message)
            : new Answer(ConsumeResult.Rejected(
                PartialSuccess, $"the server refused {rejected} of {itemCount} items: {message}", rejected));
    }
}
