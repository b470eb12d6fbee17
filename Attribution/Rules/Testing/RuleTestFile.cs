using System.Linq;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Attribution.Rules.Testing;

/// <summary>Runs the tests of a file.</summary>
internal static class RuleTestFile
{
    /// <summary>Runs them and prints what differs.</summary>
    /// <param name="name">The file's name.</param>
    /// <param name="text">Its text.</param>
    /// <param name="load">Loads the rule files that it names; without any, the shipped rules.</param>
    /// <param name="output">Where to, a line a test and one for each difference.</param>
    /// <returns>Tests that passed and failed; a file that cannot be read counts as a failed test.</returns>
    public static (int Passed, int Failed) Run(
        string name, string text, Func<IReadOnlyList<string>, RuleLoadResult> load, TextWriter output)
    {
        var errors = new ConfigErrors();
        if (!YamlReader.TryRead(text, name, out var document, out var fault))
        {
            output.WriteLine(fault);
            return (0, 1);
        }

        var tests = new RuleTestReader(errors).Read(document, out var files);
        if (!errors.IsEmpty)
        {
            Print(errors.Sorted(), output);
            return (0, 1);
        }

        var result = load([.. files.Select(static file => file.Text)]);
        if (result.Rules is null)
        {
            Print(result.Errors, output);
            return (0, 1);
        }

        var failed = 0;
        foreach (var test in tests)
        {
            var differences = Differences(result.Rules, test);
            output.WriteLine($"{(differences.Count == 0 ? "pass" : "FAIL")} {name}: {test.Name}");
            foreach (var line in differences)
            {
                output.WriteLine($"  {line}");
            }

            failed += differences.Count == 0 ? 0 : 1;
        }

        return (tests.Count - failed, failed);
    }

    /// <summary>Loads the rule files that a test file names, beside it.</summary>
    /// <param name="testFile">The test file's path.</param>
    /// <param name="files">The names.</param>
    public static RuleLoadResult LoadBeside(string testFile, IReadOnlyList<string> files)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(testFile))!;
        return RuleFiles.Load([.. files.Select(file => Path.Combine(folder, file))], new AttributeSlots());
    }

    /// <summary>Loads the shipped rule files of some names, or all.</summary>
    /// <param name="files">The names.</param>
    public static RuleLoadResult LoadShipped(IReadOnlyList<string> files) => RuleFiles.LoadTexts(
        [.. ShippedRuleFiles.Texts.Where(shipped => files.Count == 0 || files.Contains(Path.GetFileName(shipped.Name)))], new AttributeSlots());

    private static IReadOnlyList<string> Differences(RuleSet rules, RuleTest test)
    {
        foreach (var expected in test.Events)
        {
            var id = expected.Fields.First(static field => field.Key == "rule").Value;
            if (rules.Rules.All(rule => rule.Id != id))
            {
                var nearest = NearestWord.Find(id, rules.Rules.Select(static rule => rule.Id));
                return [$"{expected.Position}: no rule \"{id}\"" + (nearest is null ? "" : $"; did you mean \"{nearest}\"?")];
            }
        }

        return EventComparison.Differences(test.Events, TestReplay.Run(rules, test));
    }

    private static void Print(IEnumerable<ConfigError> errors, TextWriter output)
    {
        foreach (var error in errors)
        {
            output.WriteLine(error);
        }
    }
}
