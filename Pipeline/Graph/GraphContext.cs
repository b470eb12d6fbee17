using Microsoft.Extensions.Logging;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Pipeline.Graph;

/// <summary>What outlives every reload and is handed to each component.</summary>
internal sealed record GraphContext
{
    /// <summary>The process's own metrics.</summary>
    public required MetricRegistry Metrics { get; init; }

    /// <summary>Makes the loggers of a component: kind, id, and pipeline where it is a processor.</summary>
    public required Func<ComponentKind, ComponentId, string, ILoggerFactory> LoggersOf { get; init; }

    /// <summary>The collector as extensions show it.</summary>
    public CollectorStatus Collector { get; init; } = new();

    /// <summary>Called when a component reports <see cref="ComponentStatus.FatalError"/>: the process has to end.</summary>
    public Action<ComponentHealth> OnFatalError { get; init; } = static _ => { };

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
