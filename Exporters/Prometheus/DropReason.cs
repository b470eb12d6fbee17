namespace TelemetryPipeline.Exporters.Prometheus;

/// <summary>Why a point is not shown.</summary>
internal enum DropReason : byte
{
    /// <summary>It is.</summary>
    None,

    /// <summary>There are as many series as may be.</summary>
    SeriesLimit,

    /// <summary>Its name belongs to a metric of another type.</summary>
    TypeConflict,

    /// <summary>Its series, or the name of one of its samples, belongs to a metric of another name.</summary>
    NameConflict,

    /// <summary>It is older than what is shown.</summary>
    OutOfOrder,

    /// <summary>It has no value, or its metric no type or temporality.</summary>
    NoValue,
}
