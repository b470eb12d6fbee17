namespace TelemetryPipeline.Attribution.Rules;

/// <summary>What a rule is decided on.</summary>
internal enum RuleScope : byte
{
    /// <summary>One span, as it passes; with chain conditions, when its chain is known.</summary>
    Span,

    /// <summary>All spans of a trace and its structure, when the trace is whole or <c>decision_wait</c> is over.</summary>
    Trace,
}
