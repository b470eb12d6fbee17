using System.Linq;
using TelemetryPipeline.Attribution.Rules;
using TelemetryPipeline.Attribution.Rules.Testing;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Tests.Attribution.Rules;

public sealed class ShippedRulesTests
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
}
