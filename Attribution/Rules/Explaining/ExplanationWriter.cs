namespace TelemetryPipeline.Attribution.Rules.Explaining;

/// <summary>Prints explanations as an indented tree.</summary>
internal static class ExplanationWriter
{
    private const int Indent = 2;

    /// <summary>Prints a tree: a line a branch, with what it came to, what was found, and where it stands when it failed.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="explanation">The tree.</param>
    /// <param name="depth">How far to the right.</param>
    public static void Write(TextWriter output, Explanation explanation, int depth)
    {
        output.Write(new string(' ', depth * Indent));
        output.Write(explanation.Held ? "[held] " : "[failed] ");
        output.Write(explanation.Text);
        if (explanation.Found.Length > 0)
        {
            output.Write($" (found: {explanation.Found})");
        }

        output.WriteLine(explanation.Held ? "" : $"  at {explanation.Position.Line}:{explanation.Position.Column}");
        foreach (var child in explanation.Children)
        {
            Write(output, child, depth + 1);
        }
    }
}
