using TelemetryPipeline.Collector;
using TelemetryPipeline.Collector.Cli;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Attribution.Rules;

/// <summary>The command <c>rules</c>, as a bank's CI runs it.</summary>
public sealed class RulesToolTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rules").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Validate_GoodFile_TellsCountAndHash()
    {
        var (code, output, problems) = await RunAsync("rules", "validate", Write("a.yaml", RuleTexts.Rule("{span.code: A}")));

        Assert.Equal((0, ""), (code, problems));
        Assert.StartsWith("1 rules are valid, hash ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validate_FaultyFile_TellsFileLineAndColumn()
    {
        var file = Write("a.yaml", RuleTexts.Rule("{span.statsu: FAILED}"));
        var (code, _, problems) = await RunAsync("rules", "validate", file);

        Assert.Equal(1, code);
        Assert.StartsWith($"Error: {file}:2:10: 0::when::span.statsu: unknown field", problems, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validate_Pattern_TakesAllFilesButTests()
    {
        Write("a.yaml", RuleTexts.Rule("{span.code: A}", id: "a"));
        Write("b.yaml", RuleTexts.Rule("{span.code: B}", id: "b"));
        Write("b.test.yaml", "no rules");

        var (code, output, _) = await RunAsync("rules", "validate", Path.Combine(_folder, "*.yaml"));

        Assert.Equal(0, code);
        Assert.StartsWith("2 rules are valid", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nowhere.yaml", "cannot be read")]
    [InlineData("*.yml", "no file has such a name")]
    public async Task Validate_MissingFile_IsAnError(string name, string expected)
    {
        var (code, _, problems) = await RunAsync("rules", "validate", Path.Combine(_folder, name));

        Assert.Equal(1, code);
        Assert.Contains(expected, problems, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Test_EventsAsExpected_Passes()
    {
        Write("a.yaml", RuleTexts.Rule("{span.code: ERR_A}"));
        var test = Write(
            "a.test.yaml",
            """
            rules: a.yaml
            tests:
              - name: refused
                spans:
                  - {service: ledger, attributes: {code: ERR_A, amount: 5}}
                events:
                  - {rule: r, origin.service: ledger, evidence.code: ERR_A}
            """);

        var (code, output, _) = await RunAsync("rules", "test", test);

        Assert.Equal(0, code);
        Assert.Equal($"pass {test}: refused\n1 passed, 0 failed\n", output);
    }

    [Theory]
    [InlineData("{rule: r, priority: P0}", "priority: expected \"P0\", got \"P2\"")]
    [InlineData("{rule: r, trace: other}", "trace: expected \"other\", got \"trace\"")]
    [InlineData("{rule: q}", "no rule \"q\"")]
    [InlineData("{rule: r}\n      - {rule: r, trace: trace}", "got no such event")]
    [InlineData("{rule: r, prioritty: P0}", "unknown field of an event \"prioritty\"; allowed are")]
    public async Task Test_EventsThatDiffer_SaysHow(string events, string expected)
    {
        Write("a.yaml", RuleTexts.Rule("{span.code: ERR_A}"));
        var test = Write(
            "a.test.yaml",
            $$$"""
            rules: a.yaml
            tests:
              - name: refused
                spans:
                  - {service: ledger, attributes: {code: ERR_A}}
                events:
                  - {{{events}}}
            """);

        var (code, output, _) = await RunAsync("rules", "test", test);

        Assert.Equal(1, code);
        Assert.Contains(expected, output, StringComparison.Ordinal);
        Assert.EndsWith("0 passed, 1 failed\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Test_UnexpectedEvent_Fails()
    {
        Write("a.yaml", RuleTexts.Rule("{span.code: ERR_A}"));
        var test = Write(
            "a.test.yaml",
            """
            rules: a.yaml
            tests:
              - {name: silent, spans: [{service: ledger, attributes: {code: ERR_A}}], events: []}
            """);

        var (code, output, _) = await RunAsync("rules", "test", test);

        Assert.Equal(1, code);
        Assert.Contains("got an event that is not expected: {trace: trace, rule: r", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_Trace_TellsWhichBranchFailed()
    {
        var rules = Write("a.yaml", RuleTexts.Rule("{span.status: FAILED, any: [{span.code: ERR_B}, {amount: '> 100'}], not: {tier: gold}}", "chain: {depth: '>= 2'}"));
        var trace = WriteTrace("t.json", new SpanBuilder("Deduct").With("code", "ERR_A").With("amount", 100L).Build());

        var (code, output, _) = await RunAsync("rules", "explain", "--rules", rules, $"--trace={trace}");

        Assert.Equal(0, code);
        Assert.Equal(
            """
            trace 00000000000000000000000000000001
            miss r: no span hits; nearest is Deduct (0000000000000001)
              [failed] all of  at 2:9
                [held] span.status == "FAILED" (found: FAILED)
                [failed] any of  at 2:31
                  [failed] span.code == "ERR_B" (found: ERR_A)  at 2:49
                  [failed] amount > 100 (found: 100)  at 2:66
                [held] not
                  [failed] tier == "gold" (found: missing)  at 2:89
              chain:
                [failed] chain.depth >= 2 (found: 1)  at 4:18

            """,
            output);
    }

    [Theory]
    [InlineData("ERR\\ud83d")]
    [InlineData("ERR\u00ff")]
    public async Task Explain_TraceWithTextThatIsNotUnicode_ReplacesThatPart(string latin)
    {
        var rules = Write("a.yaml", RuleTexts.Rule("{span.code: ERR_B}"));
        var trace = WriteTrace("t.json", new SpanBuilder("Deduct").With("code", "ERR_A").Build());
        var json = File.ReadAllText(trace).Replace("ERR_A", latin, StringComparison.Ordinal);
        File.WriteAllBytes(trace, System.Text.Encoding.Latin1.GetBytes($"{{\"{latin}\":1,{json[1..]}"));

        var (code, output, problems) = await RunAsync("rules", "explain", "--rules", rules, "--trace", trace);

        Assert.Equal((0, ""), (code, problems));
        Assert.Contains("span.code == \"ERR_B\" (found: ERR\uFFFD)", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_RuleOfScopeTrace_CountsTheSpansThatFit()
    {
        var rules = Write("a.yaml", RuleTexts.Rule("{any_span: {span.code: ERR_A}, no_span: {span.name: Deduct}, trace.complete: true}", "scope: trace"));
        var trace = WriteTrace("t.json", new SpanBuilder("Deduct").With("code", "ERR_A").Build());

        var (code, output, _) = await RunAsync("rules", "explain", "--rules", rules, "--trace", trace, "--rule", "r");

        Assert.Equal(0, code);
        Assert.Contains("miss r\n", output, StringComparison.Ordinal);
        Assert.Contains("[held] any_span: span.code == \"ERR_A\" (found: 1 of 1 spans fit)", output, StringComparison.Ordinal);
        Assert.Contains("[failed] no_span: span.name == \"Deduct\" (found: 1 of 1 spans fit)", output, StringComparison.Ordinal);
        Assert.Contains("[held] trace.complete == true (found: true)", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rules needs a command; known are validate, test, explain, schema", "rules")]
    [InlineData("unknown command \"rules chek\"", "rules", "chek")]
    [InlineData("unknown flag: --fast", "rules", "test", "--fast")]
    [InlineData("rules explain needs --trace FILE", "rules", "explain")]
    [InlineData("flag needs an argument: --trace", "rules", "explain", "--trace")]
    [InlineData("rules schema takes no arguments", "rules", "schema", "x")]
    [InlineData("no rule \"insuficient_balance\"; did you mean \"insufficient_balance\"?", "rules", "explain", "--rule", "insuficient_balance", "--trace", "x")]
    [InlineData("x cannot be read", "rules", "explain", "--trace", "x")]
    public async Task Run_FaultyArguments_SaysWhatIsWrong(string expected, params string[] arguments)
    {
        var (code, _, problems) = await RunAsync(arguments);

        Assert.Equal(1, code);
        Assert.Contains(expected, problems, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Problems)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var problems = new StringWriter { NewLine = "\n" };
        var code = await new CommandRunner(Components.All, output, problems).RunAsync(arguments, TestContext.Current.CancellationToken);
        return (code, output.ToString(), problems.ToString());
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private string WriteTrace(string name, OpenTelemetry.Proto.Trace.V1.Span span)
    {
        using var batch = OtlpPayloads.Batch(RuleTexts.Request(span, ("service.name", "balance-ledger")));
        using var stream = new MemoryStream();
        using (var writer = new System.Text.Json.Utf8JsonWriter(stream))
        {
            OtlpRequest.WriteJson(Signal.Traces, batch.Chunks[0].Bytes, writer);
        }

        var path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, stream.ToArray());
        return path;
    }
}
