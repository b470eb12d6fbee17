using Microsoft.Extensions.Logging;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Pipeline.Sending.Durable;

/// <summary>Where and how a queue is kept on disk.</summary>
public sealed record SegmentLogOptions
{
    /// <summary>How often <see cref="FsyncPolicy.Interval"/> flushes.</summary>
    public static readonly TimeSpan FlushInterval = TimeSpan.FromSeconds(1);

    /// <summary>The queue's own directory; created where missing.</summary>
    public required string Directory { get; init; }

    /// <summary>The exporter.</summary>
    public required ComponentId Owner { get; init; }

    /// <summary>What the queue carries.</summary>
    public required Signal Signal { get; init; }

    /// <summary>When writes are flushed.</summary>
    public FsyncPolicy Fsync { get; init; } = FsyncPolicy.Interval;

    /// <summary>How long to wait for another process to let go of the directory.</summary>
    /// <value>0 or more. Default 1 s.</value>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The length at which a segment is closed and the next begun; one group of appends may exceed it.</summary>
    /// <value>Bytes, 1 or more. Default 16 MiB.</value>
    public long SegmentSizeBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Runs the flushes.</summary>
    public required BackgroundWork Background { get; init; }

    /// <summary>Takes what happened to the files.</summary>
    public required ILogger Logger { get; init; }

    /// <summary>Takes the counters.</summary>
    public required MetricRegistry Metrics { get; init; }

    /// <summary>Gives each segment its salt; null for one of its own.</summary>
    public Random? Random { get; init; }

    /// <summary>Writes to the disk; replaced by tests that need a full one.</summary>
    internal DiskWriter Disk { get; init; } = new();
}
