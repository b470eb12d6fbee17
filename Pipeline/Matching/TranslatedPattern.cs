namespace TelemetryPipeline.Pipeline.Matching;

/// <summary>An RE2 expression in the syntax of .NET.</summary>
/// <param name="Expression">The expression over the characters of the alphabet.</param>
/// <param name="PlacesExpression">The same for the backtracking engine, which finds places.</param>
/// <param name="Alphabet">Maps text to the characters that the expression is about.</param>
/// <param name="GroupNames">Names of the capture groups from 1 on; empty for those without a name.</param>
internal sealed record TranslatedPattern(string Expression, string PlacesExpression, PatternAlphabet Alphabet, string[] GroupNames);
