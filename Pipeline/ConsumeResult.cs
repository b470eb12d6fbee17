namespace TelemetryPipeline.Pipeline;

/// <summary>What became of a batch that was forwarded.</summary>
public enum ConsumeOutcome : byte
{
    /// <summary>Everything is in safe hands, or was dropped on purpose by a component that counted it.</summary>
    Accepted,

    /// <summary>Nothing was taken; the sender may offer the same batch again.</summary>
    Retry,

    /// <summary>Some or all items were refused for good; offering them again is pointless.</summary>
    Rejected,
}

/// <summary>
/// The answer of a component to a batch. It maps one to one onto OTLP: success, a retryable status with
/// <c>RetryInfo</c> or <c>Retry-After</c>, or a partial success with its count.
/// </summary>
/// <param name="Outcome">What became of the batch.</param>
/// <param name="Reason">A metric label for the refusal, lower snake case, from a closed set; empty when accepted.</param>
/// <param name="Message">A sentence for the sender; empty when accepted.</param>
/// <param name="RejectedCount">Items refused for good; 0 unless <see cref="ConsumeOutcome.Rejected"/>.</param>
/// <param name="RetryAfter">How long the sender should wait; zero where nothing is known.</param>
public readonly record struct ConsumeResult(
    ConsumeOutcome Outcome, string Reason, string Message, int RejectedCount, TimeSpan RetryAfter)
{
    /// <summary>Everything was taken.</summary>
    public static ConsumeResult Accepted => new(ConsumeOutcome.Accepted, "", "", 0, TimeSpan.Zero);

    /// <summary>Whether everything was taken.</summary>
    public bool IsAccepted => Outcome == ConsumeOutcome.Accepted;

    /// <summary>Nothing was taken now.</summary>
    /// <param name="reason">A metric label, for example <c>queue_full</c>.</param>
    /// <param name="message">A sentence for the sender.</param>
    /// <param name="after">How long to wait; zero where nothing is known.</param>
    public static ConsumeResult Retry(string reason, string message, TimeSpan after = default) =>
        new(ConsumeOutcome.Retry, reason, message, 0, after);

    /// <summary>Items were refused for good.</summary>
    /// <param name="reason">A metric label.</param>
    /// <param name="message">A sentence for the sender.</param>
    /// <param name="count">How many items, 1 or more.</param>
    public static ConsumeResult Rejected(string reason, string message, int count) =>
        new(ConsumeOutcome.Rejected, reason, message, count, TimeSpan.Zero);
}
