using TelemetryPipeline.Attribution.Rules;

namespace TelemetryPipeline.Attribution.Evaluation;

/// <summary>The order in which rules that hit together are decided.</summary>
internal static class SuppressionOrder
{
    /// <summary>Ranks by rule: a rule comes after those that can make it superfluous; where these go in a circle, by the files' order.</summary>
    /// <param name="rules">The rules.</param>
    public static int[] Ranks(IReadOnlyList<Rule> rules)
    {
        var ranks = new int[rules.Count];
        var next = 1;
        foreach (var rule in rules)
        {
            Visit(rule.Index);
        }

        return ranks;

        void Visit(int index)
        {
            if (ranks[index] != 0)
            {
                return;
            }

            // Marked before its suppressors are visited: a circle ends here.
            ranks[index] = int.MaxValue;
            foreach (var suppressor in rules[index].Suppress?.WhenFiredIndices ?? [])
            {
                Visit(suppressor);
            }

            ranks[index] = next++;
        }
    }
}
