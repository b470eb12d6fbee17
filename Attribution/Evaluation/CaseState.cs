namespace TelemetryPipeline.Attribution.Evaluation;

/// <summary>What became of a rule's hit in a trace.</summary>
internal enum CaseState : byte
{
    /// <summary>Its conditions on the chain do not hold yet, or cannot be decided yet.</summary>
    Pending,

    /// <summary>An event went out.</summary>
    Fired,

    /// <summary>Folded into the group's next event.</summary>
    Folded,

    /// <summary>Counted in a window.</summary>
    Counted,

    /// <summary>Superfluous, since another rule fired; or no longer true. An event that went out was resolved.</summary>
    Withdrawn,
}
