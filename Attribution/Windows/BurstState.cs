namespace TelemetryPipeline.Attribution.Windows;

/// <summary>Where a window is.</summary>
internal enum BurstState : byte
{
    /// <summary>The count is below the rule's.</summary>
    Quiet,

    /// <summary>The count has reached the rule's, but not for long enough.</summary>
    Pending,

    /// <summary>The rule has fired.</summary>
    Firing,
}
