using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Attribution.Rules.Explaining;

/// <summary>A branch of a rule's tree and what it came to.</summary>
/// <param name="Position">Where it stands in the rule file.</param>
/// <param name="Text">What it asks.</param>
/// <param name="Held">Whether it holds.</param>
/// <param name="Found">What was found instead, or that made it hold; empty for branches of branches.</param>
/// <param name="Children">The branches below.</param>
internal sealed record Explanation(
    SourcePosition Position, string Text, bool Held, string Found, IReadOnlyList<Explanation> Children);
