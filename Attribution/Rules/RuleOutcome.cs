namespace TelemetryPipeline.Attribution.Rules;

/// <summary>What a rule's <c>then</c> says about its events.</summary>
internal sealed record RuleOutcome
{
    /// <summary>The kind of trouble, for example <c>funding</c>. Required.</summary>
    public required string Category { get; init; }

    /// <summary>The cause, for example <c>account_balance_insufficient</c>. Required.</summary>
    public required string RootCause { get; init; }

    /// <summary>How urgent; P2 by default.</summary>
    public RulePriority Priority { get; init; } = RulePriority.P2;

    /// <summary>Whom to tell; none by default.</summary>
    public IReadOnlyList<string> Notify { get; init; } = [];

    /// <summary>Labels for alerts, in the order of the file.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Labels { get; init; } = [];
}
