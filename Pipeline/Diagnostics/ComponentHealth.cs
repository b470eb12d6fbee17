using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Pipeline.Diagnostics;

/// <summary>What a component last said about itself.</summary>
/// <param name="Status">How it is doing.</param>
/// <param name="Message">Why; empty when there is nothing to say.</param>
/// <param name="Since">When it came into this status; a new message within the same status does not move it.</param>
public sealed record ComponentReport(ComponentStatus Status, string Message, DateTimeOffset Since);

/// <summary>The health of one component instance. Thread-safe.</summary>
public sealed class ComponentHealth
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly SortedList<string, string> _faults = new(StringComparer.Ordinal);
    private ComponentStatus _ownStatus;
    private string _ownMessage = "";
    private volatile ComponentReport _report;

    /// <summary>A component that was built and not started.</summary>
    /// <param name="kind">Its part.</param>
    /// <param name="id">Its id.</param>
    /// <param name="pipeline">The pipeline a processor belongs to; empty for what pipelines share.</param>
    /// <param name="time">The clock.</param>
    public ComponentHealth(ComponentKind kind, ComponentId id, string pipeline, TimeProvider time)
    {
        Kind = kind;
        Id = id;
        Pipeline = pipeline;
        _time = time;
        _report = new ComponentReport(ComponentStatus.None, "", time.GetUtcNow());
    }

    /// <summary>Its part.</summary>
    public ComponentKind Kind { get; }

    /// <summary>Its id.</summary>
    public ComponentId Id { get; }

    /// <summary>The pipeline a processor belongs to; empty for what pipelines share.</summary>
    public string Pipeline { get; }

    /// <summary>What it last said about itself.</summary>
    public ComponentReport Report => _report;

    /// <summary>Records what the component says about itself.</summary>
    /// <param name="status">How the component is doing.</param>
    /// <param name="message">Why; empty when there is nothing to say.</param>
    public void Set(ComponentStatus status, string message)
    {
        lock (_lock)
        {
            (_ownStatus, _ownMessage) = (status, message);
            Publish();
        }
    }

    /// <summary>Records that background work failed, or that it works again. While any has failed, OK reads as a recoverable error.</summary>
    /// <param name="loop">The work's name.</param>
    /// <param name="problem">Why it failed; null once it works again.</param>
    public void SetFault(string loop, string? problem)
    {
        lock (_lock)
        {
            _faults.Remove(loop);
            if (problem is not null)
            {
                _faults.Add(loop, problem);
            }

            Publish();
        }
    }

    // Under the lock.
    private void Publish()
    {
        var (status, message) = (_ownStatus, _ownMessage);
        if (status == ComponentStatus.OK && _faults.Count > 0)
        {
            status = ComponentStatus.RecoverableError;
            message = _faults.Values[0];
        }

        message = SensitiveText.Mask(message);
        var former = _report;
        if (former.Status != status || former.Message != message)
        {
            _report = new ComponentReport(status, message, former.Status == status ? former.Since : _time.GetUtcNow());
        }
    }
}

/// <summary>A running pipeline and what it is made of; shared components appear in several.</summary>
/// <param name="Id">Its id, <c>traces</c> or <c>traces/name</c>.</param>
/// <param name="Receivers">What it gets data from: receivers and connectors.</param>
/// <param name="Processors">Its processors, in order.</param>
/// <param name="Exporters">What it hands data to: exporters and connectors.</param>
public sealed record PipelineHealth(
    string Id,
    IReadOnlyList<ComponentHealth> Receivers,
    IReadOnlyList<ComponentHealth> Processors,
    IReadOnlyList<ComponentHealth> Exporters);
