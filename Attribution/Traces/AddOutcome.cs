namespace TelemetryPipeline.Attribution.Traces;

/// <summary>What became of a span that was offered to its trace.</summary>
internal enum AddOutcome : byte
{
    /// <summary>It is stored.</summary>
    Added,

    /// <summary>It is stored, in a trace that was decided without it.</summary>
    AddedLate,

    /// <summary>A span of that id is stored already.</summary>
    Duplicate,

    /// <summary>Its trace has as many spans as it may.</summary>
    TraceFull,

    /// <summary>There is no room: another trace has to go, then it is offered again.</summary>
    NoRoom,
}
