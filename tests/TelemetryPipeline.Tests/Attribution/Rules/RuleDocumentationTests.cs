using System.Linq;
using System.Text.RegularExpressions;
using TelemetryPipeline.Attribution.Rules;
using TelemetryPipeline.Attribution.Rules.Language;
using TelemetryPipeline.Attribution.Rules.Testing;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.TestSupport;

namespace TelemetryPipeline.Tests.Attribution.Rules;

/// <summary>What docs/rules.md shows must work as it stands.</summary>
public sealed partial class RuleDocumentationTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "rules.md"));

    public static TheoryData<string> Examples => [.. YamlBlock().Matches(Page).Select(static match => match.Groups["text"].Value)];

    [Theory]
    [MemberData(nameof(Examples))]
    public void Example_IsTaken(string text)
    {
        if (text.StartsWith("when:", StringComparison.Ordinal))
        {
            var scope = text.Contains("any_span", StringComparison.Ordinal) ? "trace" : "span";
            text = $"- id: r\n  scope: {scope}\n  then: {{category: c, root_cause: x}}\n  {text.TrimEnd().ReplaceLineEndings("\n  ")}\n";
        }

        if (text.StartsWith("rules:", StringComparison.Ordinal))
        {
            using var output = new StringWriter();
            var (passed, failed) = RuleTestFile.Run("docs.yaml", text, RuleTestFile.LoadShipped, output);
            Assert.True((passed, failed) == (1, 0), output.ToString());
            return;
        }

        Assert.Empty(RuleFiles.LoadTexts([("docs.yaml", text)], new AttributeSlots()).Errors);
    }

    [Fact]
    public void Page_NamesAllFieldsOperatorsAndEventFields()
    {
        var names = FieldCatalog.Span.Select(static field => field.Name)
            .Concat(FieldCatalog.Trace.Select(static field => field.Name.Replace("chain.", "", StringComparison.Ordinal)))
            .Concat(OperatorWords.All)
            .Concat(EventFields.All.Select(static field => field.Name));

        Assert.All(names, static name => Assert.Contains(name, Page, StringComparison.Ordinal));
    }

    [GeneratedRegex("```yaml\n(?<text>.*?)```", RegexOptions.Singleline)]
    private static partial Regex YamlBlock();
}
