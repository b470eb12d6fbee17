namespace TelemetryPipeline.Pipeline;

/// <summary>How a component is doing, as the Collector's <c>docs/component-status.md</c> names it, in order of severity.</summary>
public enum ComponentStatus : byte
{
    /// <summary>Built, not started.</summary>
    None,

    /// <summary>Start was called and has not returned.</summary>
    Starting,

    /// <summary>At work.</summary>
    OK,

    /// <summary>Fails for now and tries again.</summary>
    RecoverableError,

    /// <summary>Fails and will not recover without an operator; the rest runs on.</summary>
    PermanentError,

    /// <summary>The process cannot go on.</summary>
    FatalError,

    /// <summary>Stop was called and has not returned.</summary>
    Stopping,

    /// <summary>Stopped.</summary>
    Stopped,
}
