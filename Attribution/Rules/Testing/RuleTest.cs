using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Attribution.Rules.Testing;

/// <summary>A test of rules: spans that come in, and the events that must come of them.</summary>
internal sealed record RuleTest
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Where it stands.</summary>
    public required SourcePosition Position { get; init; }

    /// <summary>The spans.</summary>
    public required IReadOnlyList<TestSpan> Spans { get; init; }

    /// <summary>The events, all of them, in any order.</summary>
    public required IReadOnlyList<ExpectedEvent> Events { get; init; }

    /// <summary>When the test ends, from its beginning; null for when all traces are decided.</summary>
    public TimeSpan? Until { get; init; }
}
