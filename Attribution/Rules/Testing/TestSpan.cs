using TelemetryPipeline.Attribution.Rules.Language;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Attribution.Rules.Testing;

/// <summary>A span of a test, or so many of it.</summary>
internal sealed record TestSpan
{
    /// <summary>Its name in the test, from which its id is made.</summary>
    public required string Id { get; init; }

    /// <summary>The name of its trace.</summary>
    public string Trace { get; init; } = "trace";

    /// <summary>The name of its parent; empty for a root.</summary>
    public string Parent { get; init; } = "";

    /// <summary><c>service.name</c> of its resource.</summary>
    public required string Service { get; init; }

    /// <summary>Its span name; that of the service by default.</summary>
    public required string Name { get; init; }

    /// <summary>Its kind.</summary>
    public SpanKind Kind { get; init; } = SpanKind.Server;

    /// <summary>Its OTLP status.</summary>
    public SpanStatusCode Status { get; init; }

    /// <summary>Its start, from the beginning of the test.</summary>
    public TimeSpan Start { get; init; }

    /// <summary>Its duration.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>When it reaches the collector, from the beginning of the test; null for when it ends.</summary>
    public TimeSpan? Arrival { get; init; }

    /// <summary>Its attributes.</summary>
    public IReadOnlyList<KeyValuePair<string, Literal>> Attributes { get; init; } = [];

    /// <summary>Attributes of its resource besides the service.</summary>
    public IReadOnlyList<KeyValuePair<string, Literal>> Resource { get; init; } = [];

    /// <summary>How many traces have such a span; the traces after the first are called <c>NAME#2</c> and so on.</summary>
    public int RepeatCount { get; init; } = 1;

    /// <summary>Time between them.</summary>
    public TimeSpan RepeatEvery { get; init; }
}
