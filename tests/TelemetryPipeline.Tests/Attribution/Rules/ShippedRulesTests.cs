using System.Linq;
using System.Text.RegularExpressions;
using TelemetryPipeline.Attribution.Rules;
using TelemetryPipeline.Attribution.Rules.Testing;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.TestSupport;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Attribution.Rules;

public sealed partial class ShippedRulesTests
{
    public static TheoryData<string> TestFiles => [.. ShippedRuleFiles.Tests.Select(static test => test.Name)];

    [Fact]
    public void Load_WithoutFiles_TakesTheShippedRules()
    {
        var result = RuleFiles.Load([], new AttributeSlots());

        Assert.Empty(result.Errors);
        Assert.Equal(
            [
                "broken_context", "circuit_breaker_open", "clock_skew", "compliance_reject", "deadline_exceeded", "duplicate_booking",
                "duplicate_booking_refused", "idempotent_repeat", "insufficient_balance", "insufficient_balance_burst",
                "insufficient_balance_retry", "ledger_lock_contention", "limit_exceeded", "missing_hop_pboc", "missing_hop_risk",
                "node_slow", "pboc_front_timeout", "reserve_mismatch", "risk_over_limit", "risk_timeout",
            ],
            result.Rules!.Rules.Select(static rule => rule.Id).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void EveryShippedFile_HasATestFile() => Assert.Equal(
        ShippedRuleFiles.Texts.Select(static file => Path.GetFileNameWithoutExtension(file.Name)),
        ShippedRuleFiles.Tests.Select(static file => Path.GetFileName(file.Name)[..^RuleFiles.TestSuffix.Length]));

    [Fact]
    public void EveryCodeOfTheReferenceWorkload_IsHitByAShippedRule()
    {
        var page = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "samples", "TransferServices", "README.md"));
        var rules = RuleFiles.Load([], new AttributeSlots()).Rules!;
        string[] codes = [.. Code().Matches(page).Select(static match => match.Value).Distinct()];

        Assert.True(codes.Length >= 7);
        Assert.All(codes, code => Assert.NotEmpty(RuleTexts.Hits(
            rules, RuleTexts.Request(new SpanBuilder("x").Failed().With("code", code).With("status", "reject").Build()))));
    }

    [Theory]
    [MemberData(nameof(TestFiles))]
    public void TestFile_OfShippedRules_Passes(string name)
    {
        using var output = new StringWriter();
        var (passed, failed) = RuleTestFile.Run(
            name, ShippedRuleFiles.Tests.Single(test => test.Name == name).Text, RuleTestFile.LoadShipped, output);

        Assert.True(failed == 0, output.ToString());
        Assert.True(passed > 0);
    }

    [GeneratedRegex("ERR_[A-Z_]+")]
    private static partial Regex Code();
}
