namespace TelemetryPipeline.Heatmap.Histograms;

/// <summary>Why a histogram's point was not counted; each is a metric label in lower snake case.</summary>
internal enum PointProblem : byte
{
    /// <summary>It was.</summary>
    None,

    /// <summary>It holds values below 0.</summary>
    Negative,

    /// <summary>Its buckets contradict its count or each other.</summary>
    Malformed,

    /// <summary>It has values, but neither buckets nor a sum to place them by.</summary>
    NoBuckets,

    /// <summary>It claims more values than can have been.</summary>
    Implausible,

    /// <summary>Its unit is not a time.</summary>
    Unit,

    /// <summary>It says neither delta nor cumulative.</summary>
    Temporality,

    /// <summary>The first point of a cumulative stream that began before it was seen: when its values came is not known.</summary>
    FirstOfStream,

    /// <summary>Older than the point before it.</summary>
    OutOfOrder,

    /// <summary>There is no room for another cumulative stream.</summary>
    TooManyStreams,

    /// <summary>It covers a second that has left the hour, or one in the future.</summary>
    OutsideTheHour,
}
