namespace TelemetryPipeline.Pipeline.Sending.Durable;

/// <summary>When a queue on disk asks the operating system to bring its writes to the medium.</summary>
public enum FsyncPolicy : byte
{
    /// <summary>Before a batch counts as accepted; appends that come at the same time share one call.</summary>
    Always,

    /// <summary>Once in <see cref="SegmentLogOptions.FlushInterval"/> while there is something new.</summary>
    Interval,

    /// <summary>Never: the operating system writes when it likes.</summary>
    Never,
}
