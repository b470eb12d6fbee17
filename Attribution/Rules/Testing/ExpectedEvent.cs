using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Attribution.Rules.Testing;

/// <summary>An event that a test expects: the fields it names must be as it says.</summary>
/// <param name="Position">Where it stands.</param>
/// <param name="Fields">Names with texts.</param>
internal sealed record ExpectedEvent(SourcePosition Position, IReadOnlyList<KeyValuePair<string, string>> Fields);
