using System.Linq;
using System.Text;

namespace TelemetryPipeline.Attribution.Rules;

/// <summary>The rules that this build carries, for configurations without <c>rules_file</c>, and their tests.</summary>
internal static class ShippedRuleFiles
{
    private const string Prefix = "shipped/";

    /// <summary>The rule files, by name.</summary>
    public static IReadOnlyList<(string Name, string Text)> Texts { get; } = [.. Read(isTest: false)];

    /// <summary>Their test files, by name.</summary>
    public static IReadOnlyList<(string Name, string Text)> Tests { get; } = [.. Read(isTest: true)];

    private static IEnumerable<(string Name, string Text)> Read(bool isTest)
    {
        var assembly = typeof(ShippedRuleFiles).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Order(StringComparer.Ordinal))
        {
            if (name.StartsWith(Prefix, StringComparison.Ordinal)
                && name.EndsWith(RuleFiles.TestSuffix, StringComparison.Ordinal) == isTest)
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!, Encoding.UTF8);
                yield return (name, reader.ReadToEnd());
            }
        }
    }
}
