namespace TelemetryPipeline.Attribution.Rules.Testing;

/// <summary>An event as it left the attributor, read from its log record.</summary>
/// <param name="Id">The same for all of its revisions.</param>
/// <param name="Fields">The fields that tests may name, as texts.</param>
internal sealed record ObservedEvent(string Id, IReadOnlyDictionary<string, string> Fields)
{
    /// <summary>The rule.</summary>
    public string Rule => Fields.GetValueOrDefault("rule", "");
}
