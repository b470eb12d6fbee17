namespace TelemetryPipeline.Heatmap;

/// <summary>What became of a span offered to the grid.</summary>
public enum GridOutcome : byte
{
    /// <summary>Counted in its cell.</summary>
    Counted,

    /// <summary>Its second has left the grid: it ended an hour ago or more.</summary>
    TooOld,

    /// <summary>It ended further in the future than clocks may differ.</summary>
    Future,

    /// <summary>It ended before it started.</summary>
    Negative,

    /// <summary>It has no start.</summary>
    NoStart,

    /// <summary>It has no end.</summary>
    NoEnd,
}
