using Microsoft.Extensions.Logging;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Pipeline;

/// <summary>What every component is given when it is built.</summary>
public sealed class ComponentContext
{
    private BackgroundWork? _background;

    /// <summary>The component's kind as a metric label, for example <c>receiver</c>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>The component's id in the configuration.</summary>
    public required ComponentId Id { get; init; }

    /// <summary>The pipeline of a processor, of which each pipeline has its own; empty for what pipelines share.</summary>
    public string Pipeline { get; init; } = "";

    /// <summary>Signals of the pipelines that use the component, at least one unless it is an extension.</summary>
    public required IReadOnlyList<Signal> Signals { get; init; }

    /// <summary>Makes loggers; their scope names the component.</summary>
    public required ILoggerFactory Loggers { get; init; }

    /// <summary>The process's own metrics.</summary>
    public required MetricRegistry Metrics { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>
    /// The attribute keys that the components of one configuration look up, shared so that a batch is searched for all
    /// of them at once. Register when the component is created.
    /// </summary>
    public AttributeSlots Slots { get; init; } = new();

    /// <summary>The running extensions.</summary>
    public required IExtensionHost Extensions { get; init; }

    /// <summary>The collector as a whole, for extensions that show it.</summary>
    public CollectorStatus Collector { get; init; } = new();

    /// <summary>Tells the collector how the component is doing; health and <c>zpages</c> show it.</summary>
    public required Action<ComponentStatus, string> ReportStatus { get; init; }

    /// <summary>
    /// Reports the name of background work that failed and why, or null once it works again. Shown as a recoverable error
    /// beside what <see cref="ReportStatus"/> says. Components use <see cref="Background"/> instead.
    /// </summary>
    public Action<string, string?> ReportFault { get; init; } = static (_, _) => { };

    /// <summary>Runs the component's loops, timers and background tasks.</summary>
    public BackgroundWork Background => LazyInitializer.EnsureInitialized(ref _background, () => new BackgroundWork(this));
}

/// <summary>Finds extensions for components that need one: storage for a queue, an authenticator.</summary>
public interface IExtensionHost
{
    /// <summary>The extension of that id where it is configured, listed in <c>service::extensions</c> and offers <typeparamref name="T"/>; else null.</summary>
    /// <typeparam name="T">What the extension must be able to do.</typeparam>
    /// <param name="id">Its id.</param>
    T? Find<T>(ComponentId id)
        where T : class;
}
