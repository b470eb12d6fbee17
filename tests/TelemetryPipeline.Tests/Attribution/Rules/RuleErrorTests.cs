using TelemetryPipeline.Attribution.Rules;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Tests.Attribution.Rules;

/// <summary>What an author reads who made a mistake: where, what was found, what is allowed.</summary>
public sealed class RuleErrorTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("{span.statuss: FAILED}", "r.yaml:2:10: 0::when::span.statuss: unknown field \"span.statuss\"; allowed are", "did you mean \"span.status\"?")]
    [InlineData("{span.status: FAILDE}", "r.yaml:2:23: 0::when::span.status: must be one of FAILED, OK, got \"FAILDE\"", "did you mean \"FAILED\"?")]
    [InlineData("{span.status: '> OK'}", "span.status does not take the operator >; allowed are == != in not_in", "")]
    [InlineData("{span.status: {'>': OK}}", "span.status does not take the operator >; allowed are == != in not_in", "")]
    [InlineData("{amount: {statrs_with: a}}", "unknown operator \"statrs_with\"", "did you mean \"starts_with\"?")]
    [InlineData("{amount: '> abc'}", "> compares numbers, got \"abc\"", "")]
    [InlineData("{amount: '> 50ms'}", "> compares numbers, got \"50ms\"", "")]
    [InlineData("{span.duration: 50}", "must be a duration with its unit, such as 50ms", "got 50")]
    [InlineData("{span.duration: '== baseline.p99'}", "a baseline is compared with < <= > or >=", "")]
    [InlineData("{span.duration: '> baseline.p98'}", "must be a duration with its unit", "baseline.p50, p90, p95, p99")]
    [InlineData("{span.duration: '> 1000 * baseline.p99'}", "must be a duration with its unit", "0.1 to 100")]
    [InlineData("{span.code: ERR_*}", "a wildcard matches only codes on its whitelist, and there is none", "got \"ERR_*\"")]
    [InlineData("{span.code: E*R}", "a wildcard is text with one * at its end", "")]
    [InlineData("{span.code: [ERR_A, ERR_*]}", "a wildcard cannot stand in a list", "")]
    [InlineData("{span.code: {wildcard: ERR_*, whitelist: nowhere}}", "no whitelist \"nowhere\"; the file has none", "")]
    [InlineData("{span.code: {wildcard: ERR_*, whitelist: [WARN]}}", "no code of the whitelist (WARN) begins with ERR_", "")]
    [InlineData("{span.code: {whitelist: [WARN]}}", "a whitelist belongs to a wildcard", "")]
    [InlineData("{span.code: {matches: '(?=x)'}}", "must be a regular expression in RE2 syntax", "")]
    [InlineData("{span.code: {matches: 5}}", "matches takes text, got 5", "")]
    [InlineData("{span.code: {exists: maybe}}", "must be true or false, got \"maybe\"", "")]
    [InlineData("{span.code: {in: ERR_A}}", "must be a list of values, got \"ERR_A\"", "")]
    [InlineData("{span.code: {in: []}}", "must be a list of values", "")]
    [InlineData("{span.code: }", "must be a value, got null; to ask whether it is there, write {exists: true}", "")]
    [InlineData("{span.name: {exists: true}}", "span.name does not take the operator exists", "")]
    [InlineData("{all: {span.code: A}}", "must be a list of conditions, got a map", "")]
    [InlineData("{not: [{span.code: A}]}", "must be a map of conditions, got a list", "")]
    [InlineData("{}", "must be a map of conditions, got an empty map", "")]
    [InlineData("{any_span: {span.code: A}}", "needs a rule with scope: trace", "")]
    [InlineData("{chain.depth: 3}", "stands in the rule's own section \"chain\"", "")]
    [InlineData("{trace.span_count: 3}", "needs a rule with scope: trace", "")]
    public void Load_FaultyCondition_SaysWhereAndWhatIsAllowed(string when, string expected, string also)
    {
        var errors = RuleTexts.Errors(RuleTexts.Rule(when));

        Assert.Contains(expected, errors, StringComparison.Ordinal);
        Assert.Contains(also, errors, StringComparison.Ordinal);
        Assert.StartsWith("r.yaml:2:", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_NotOverSpansAtScopeTrace_IsRefusedWithBothMeanings()
    {
        var errors = RuleTexts.Errors(RuleTexts.Rule("{not: {span.code: A}}", "scope: trace"));

        Assert.Contains("write no_span: {span.code: ...} for \"no span is so\"", errors, StringComparison.Ordinal);
        Assert.Contains("or any_span: {not: {span.code: ...}} for \"some span is not so\"", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_SpanConditionAtScopeTrace_MustSayWhichSpans() => Assert.Contains(
        "at scope trace a condition on spans says which: write any_span: {span.code: ...}, no_span or every_span",
        RuleTexts.Errors(RuleTexts.Rule("{span.code: A}", "scope: trace")),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("scpoe: trace", "unknown key \"scpoe\"; did you mean \"scope\"?")]
    [InlineData("whitelist: [A]", "0::whitelist: no wildcard of this rule asks for it")]
    [InlineData("version: 0", "must be a whole number, 1 or more, got 0")]
    [InlineData("status: on_trial", "must be one of active, shadow, off, got \"on_trial\"")]
    [InlineData("window: {count: 5}", "0::window::within: must be set")]
    [InlineData("window: {count: 0, within: 1m}", "must be a whole number, 1 or more, got 0")]
    [InlineData("window: {count: 5, within: 1ms}", "must be 1s or more, got 1ms")]
    [InlineData("window: {count: 5, within: 48h}", "must be 24h or less, got 48h")]
    [InlineData("window: {count: 5, within: 1m, resolve_below: 6}", "must be a whole number from 1 to 5, got 6")]
    [InlineData("window: {count: 5, within: 1m, by: [span.duration]}", "must be an attribute, span.code")]
    [InlineData("suppress: {}", "must have when_fired (ids of rules), for (a duration), or both")]
    [InlineData("suppress: {when_fired: rr}", "no rule \"rr\"; did you mean \"r\"?")]
    [InlineData("suppress: {when_fired: r}", "\"r\" is suppressed by \"r\" itself")]
    [InlineData("chain: {deepth: 3}", "unknown field of a chain \"deepth\"; allowed are origin.service")]
    [InlineData("chain: {depth: deep}", "must be a whole number, got \"deep\"")]
    [InlineData("chain: {path: []}", "must be a list of services or node types")]
    [InlineData("group_by: [chain.depth]", "must be an attribute, span.code")]
    public void Load_FaultySetting_SaysWhatIsAllowed(string setting, string expected) =>
        Assert.Contains(expected, RuleTexts.Errors(RuleTexts.Rule("{span.code: A}", setting)), StringComparison.Ordinal);

    [Fact]
    public void Load_DuplicateId_NamesBothPlaces()
    {
        var texts = new[] { ("a.yaml", RuleTexts.Rule("{span.code: A}")), ("b.yaml", RuleTexts.Rule("{span.code: B}")) };
        var result = RuleFiles.LoadTexts(texts, new AttributeSlots());

        Assert.Null(result.Rules);
        Assert.Equal("b.yaml:1:3: 0::id: the rule \"r\" is there twice, first at a.yaml:1:3", Assert.Single(result.Errors).ToString());
    }

    [Theory]
    [InlineData("rules: []", "version: must be set to 1")]
    [InlineData("version: 2\nrules: []", "must be a whole number from 1 to 1, got 2")]
    [InlineData("version: 1", "rules: must be set to a list of rules")]
    [InlineData("version: 1\nrules: []\nwhitelist: {}", "unknown key \"whitelist\"; did you mean \"whitelists\"?")]
    [InlineData("just text", "must be a list of rules, or a map with version: 1 and rules, got \"just text\"")]
    [InlineData("- id: [", "not valid YAML")]
    [InlineData("- when: {span.code: A}\n  then: {category: c, root_cause: x}", "0::id: must be set")]
    [InlineData("- id: a b\n  when: {span.code: A}\n  then: {category: c, root_cause: x}", "must be at most 100 letters, digits")]
    [InlineData("- id: a\n  then: {category: c, root_cause: x}", "0::when: must be set")]
    [InlineData("- id: a\n  when: {span.code: A}", "0::then::category: must be set")]
    public void Load_FaultyFile_SaysWhatIsAllowed(string text, string expected) =>
        Assert.Contains(expected, RuleTexts.Errors(text), StringComparison.Ordinal);

    [Fact]
    public void Load_DamagedFiles_EndsInErrorsOrRulesButNeverThrows()
    {
        const int Rounds = 3000;
        const string Characters = " :-{}[]'\"*#&!|>%@,\n0aZ.~";
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var (loaded, refused) = (0, 0);
        for (var i = 0; i < Rounds; i++)
        {
            var text = ShippedRuleFiles.Texts[random.Next(ShippedRuleFiles.Texts.Count)].Text.ToCharArray();
            for (var changes = random.Next(1, 6); changes > 0; changes--)
            {
                text[random.Next(text.Length)] = Characters[random.Next(Characters.Length)];
            }

            var result = RuleFiles.LoadTexts([("r.yaml", new string(text))], new AttributeSlots());
            Assert.True(result.Rules is null == result.Errors.Count > 0, $"seed {seed}, round {i}");
            _ = result.Rules is null ? refused++ : loaded++;
        }

        Assert.True(loaded > 100 && refused > 100, $"{loaded} loaded, {refused} refused");
    }

    [Fact]
    public void Load_TooManyKeys_IsAnError()
    {
        var slots = new AttributeSlots();
        for (var i = 0; i < AttributeSlots.MaxKeys - 3; i++)
        {
            slots.Register($"key{i}");
        }

        var result = RuleFiles.LoadTexts([("r.yaml", RuleTexts.Rule("{a: 1, b: 2, c: 3}"))], slots);

        Assert.Contains("read more than 256 attribute keys", Assert.Single(result.Errors).ToString(), StringComparison.Ordinal);
    }
}
