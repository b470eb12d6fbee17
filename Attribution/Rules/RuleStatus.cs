namespace TelemetryPipeline.Attribution.Rules;

/// <summary>What a rule's hits lead to.</summary>
internal enum RuleStatus : byte
{
    /// <summary>Events, and alerts after them.</summary>
    Active,

    /// <summary>Events marked as shadow, which alert nobody: a rule on trial.</summary>
    Shadow,

    /// <summary>Nothing: the rule is checked when it is loaded and is not evaluated.</summary>
    Off,
}
