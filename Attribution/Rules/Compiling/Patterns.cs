using TelemetryPipeline.Attribution.Rules.Language;
using TelemetryPipeline.Pipeline.Matching;

namespace TelemetryPipeline.Attribution.Rules.Compiling;

/// <summary>Regular expressions of rules that were checked when they were read.</summary>
internal static class Patterns
{
    /// <summary>Compiles an expression.</summary>
    /// <param name="literal">The expression.</param>
    public static Utf8Pattern Compile(Literal literal) => Utf8Pattern.TryCompile(literal.Text, out var pattern, out var problem)
        ? pattern
        : throw new InvalidOperationException($"the expression was not checked: {problem}");
}
