namespace TelemetryPipeline.Processors.Attributes.Selection;

/// <summary>A condition on a log record's severity number.</summary>
/// <param name="Min">The lowest that matches.</param>
/// <param name="MatchesUndefined">Whether records without one match.</param>
internal sealed record SeverityRange(int Min, bool MatchesUndefined)
{
    /// <summary>Whether a severity number matches.</summary>
    /// <param name="number">The number; 0 where a record has none.</param>
    public bool Matches(int number) => number == 0 ? MatchesUndefined : number >= Min;
}
