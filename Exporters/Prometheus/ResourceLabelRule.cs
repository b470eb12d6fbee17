using System.IO.Enumeration;

namespace TelemetryPipeline.Exporters.Prometheus;

/// <summary>Which resource attributes become labels, by patterns with <c>*</c>.</summary>
/// <param name="Included">What is taken.</param>
/// <param name="Excluded">What is left out of it.</param>
internal sealed record ResourceLabelRule(IReadOnlyList<string> Included, IReadOnlyList<string> Excluded)
{
    /// <summary>No attribute.</summary>
    public static ResourceLabelRule None { get; } = new([], []);

    /// <summary>Whether an attribute becomes a label.</summary>
    public bool Takes(string key) => Matches(Included, key) && !Matches(Excluded, key);

    private static bool Matches(IReadOnlyList<string> patterns, string key)
    {
        foreach (var pattern in patterns)
        {
            if (FileSystemName.MatchesSimpleExpression(pattern, key, ignoreCase: false))
            {
                return true;
            }
        }

        return false;
    }
}
