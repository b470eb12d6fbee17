namespace TelemetryPipeline.Otlp;

/// <summary>What a successful export response says: the <c>partial_success</c> of an <c>Export*ServiceResponse</c>.</summary>
/// <param name="RejectedItems">Spans, data points or log records that the server refused for good; 0 for none.</param>
/// <param name="Message">Why, or a warning when nothing was refused; empty for a full success.</param>
public readonly record struct ExportOutcome(long RejectedItems, string Message)
{
    /// <summary>Everything was taken and there is nothing to say: <c>partial_success</c> is left unset.</summary>
    public static ExportOutcome FullSuccess => new(0, "");

    /// <summary>Whether <c>partial_success</c> is unset.</summary>
    public bool IsFullSuccess => RejectedItems == 0 && string.IsNullOrEmpty(Message);
}
