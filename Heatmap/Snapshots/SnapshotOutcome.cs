namespace TelemetryPipeline.Heatmap.Snapshots;

/// <summary>What became of a snapshot that was to be restored.</summary>
internal enum SnapshotOutcome : byte
{
    /// <summary>There was no file: a first start.</summary>
    None,

    /// <summary>What it held of the last hour is in the grid.</summary>
    Restored,

    /// <summary>It is a heat map of other dimensions; the next one replaces it.</summary>
    OtherDimensions,

    /// <summary>It is ours, but not whole; it is set aside.</summary>
    Damaged,

    /// <summary>It is no snapshot, and is never touched.</summary>
    Foreign,

    /// <summary>It cannot be read.</summary>
    Unreadable,
}
