namespace TelemetryPipeline.Attribution.Rules;

/// <summary>How urgent a rule's events are.</summary>
internal enum RulePriority : byte
{
    /// <summary>At once; severity FATAL.</summary>
    P0,

    /// <summary>Within the hour; severity ERROR.</summary>
    P1,

    /// <summary>Within the day; severity WARN.</summary>
    P2,

    /// <summary>For information; severity INFO.</summary>
    P3,
}
