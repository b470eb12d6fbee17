using System.Linq;
using System.Text;
using TelemetryPipeline.Attribution.Rules;
using TelemetryPipeline.Attribution.Rules.Testing;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Fuzz.Targets;

/// <summary>Rule files and the tests of rules.</summary>
internal static class RuleTargets
{
    // Replaying a test is as much work as its author asks for; here only short ones are.
    private const int RepeatDigitsMax = 2;

    private static readonly RuleLoadResult Shipped = RuleFiles.LoadTexts(ShippedRuleFiles.Texts, new AttributeSlots());

    private static readonly byte[][] Words = Seeds.Utf8(
        "- id: r", "when:", "then:", "all:", "any:", "none:", "chain:", "path:", "scope: trace", "window:", "count:", "within: 5m", "group_by:",
        "suppress:", "span.code", "span.duration", "regex:", "in:", "whitelist", "ERR_*", "version: 1", "repeat:", "until: 1s", "attributes:", "events: []");

    public static IEnumerable<FuzzTarget> All =>
    [
        new FuzzTarget
        {
            Name = "rule-file",
            Form = InputForm.Text,
            Seeds = static () => ShippedRuleFiles.Texts.Select(static file => Encoding.UTF8.GetBytes(file.Text)),
            Words = Words,
            Run = Rules,
        },
        new FuzzTarget
        {
            Name = "rule-test",
            Form = InputForm.Text,
            Seeds = static () => ShippedRuleFiles.Tests.Select(static file => Encoding.UTF8.GetBytes(file.Text)),
            Words = Words,
            Run = Tests,
        },
    ];

    private static void Rules(byte[] input, Outcome outcome)
    {
        var result = RuleFiles.LoadTexts([("rules", Encoding.UTF8.GetString(input))], new AttributeSlots());
        FuzzFailureException.ThrowUnless(result.Rules is null == result.Errors.Count > 0, "rules have errors or can be used");
        foreach (var error in result.Errors)
        {
            outcome.Add(error.ToString());
        }

        foreach (var rule in result.Rules?.Rules ?? [])
        {
            outcome.Add(rule.Id);
        }
    }

    private static void Tests(byte[] input, Outcome outcome)
    {
        var text = Encoding.UTF8.GetString(input);
        var output = new StringWriter();
        if (IsLong(text))
        {
            var errors = new ConfigErrors();
            outcome.Add(YamlReader.TryRead(text, "tests", out var document, out _)
                && new RuleTestReader(errors).Read(document, out _).Count > 0);
            return;
        }

        var (passed, failed) = RuleTestFile.Run("tests", text, static _ => Shipped, output);
        outcome.Add(passed);
        outcome.Add(failed);
        outcome.Add(output.ToString());
    }

    private static bool IsLong(string text)
    {
        var digits = 0;
        foreach (var c in text)
        {
            digits = char.IsAsciiDigit(c) ? digits + 1 : 0;
            if (digits > RepeatDigitsMax)
            {
                return true;
            }
        }

        return false;
    }
}
