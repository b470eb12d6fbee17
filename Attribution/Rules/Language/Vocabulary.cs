namespace TelemetryPipeline.Attribution.Rules.Language;

/// <summary>Which fields may stand in a part of a rule.</summary>
internal enum Vocabulary : byte
{
    /// <summary>Those of one span.</summary>
    Span,

    /// <summary>Those of a trace and its chain, and conditions on any, no or every span.</summary>
    Trace,

    /// <summary>Those of a chain, without the prefix <c>chain.</c>.</summary>
    Chain,
}
