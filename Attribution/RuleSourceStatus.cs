namespace TelemetryPipeline.Attribution;

/// <summary>Where rules come from and what became of their last change. Immutable.</summary>
/// <param name="Files">The files of the rules in force; none for the shipped rules.</param>
/// <param name="Hash">A figure of their content.</param>
/// <param name="LoadedAt">When they came into force.</param>
/// <param name="TriedAt">When the files were last read because they had changed.</param>
/// <param name="Errors">What was wrong then, by file, line and column; none when all was right.</param>
/// <param name="Problem">The same in one line.</param>
internal sealed record RuleSourceStatus(
    IReadOnlyList<string> Files, string Hash, DateTimeOffset LoadedAt, DateTimeOffset TriedAt, IReadOnlyList<string> Errors, string Problem)
{
    /// <summary>Before the first reading.</summary>
    public static RuleSourceStatus Nothing { get; } = new([], "", default, default, [], "");
}
