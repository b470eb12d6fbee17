using System.Linq;
using System.Text;
using TelemetryPipeline.Exporters.Alerting;
using TelemetryPipeline.Exporters.Alerting.Receivers;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Tests.Exporters.Alerting.Templates;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Exporters.Alerting.Receivers;

public sealed class WeComMessageTests
{
    private static readonly ReceiverConfig Robot = RobotOf("");

    [Fact]
    public void Full_Firing_SaysWhatWhereAndWhom()
    {
        var alert = TemplateTextTests.AlertOf(
            new AttributionRecord(1).With("anomaly.impact.amount", 700).With("anomaly.impact.currency", "CNY").With("biz.customer_id", "ab"));
        Assert.Equal(
            """
            # <font color="warning">P0 firing</font> insufficient_balance
            balance-ledger rejects the transfer: the balance is insufficient
            > root cause: account_balance_insufficient
            > events: 1 since 2026-01-31T08:00:00.000Z
            > impact: 1 customer, 700 CNY minor units
            > path: client-terminal > transfer-orchestrator > balance-ledger
            > trace: 00000000000000000000000000001001
            > notify: fund-ops, risk-team
            [Open](https://traces.bank.example/00000000000000000000000000001001)
            ```mermaid
            sequenceDiagram
              participant n1 as client-terminal
              participant n2 as transfer-orchestrator
              participant n3 as balance-ledger
              Note over n1: transfer (812 ms)
              n1->>n2: POST /transfers (641 ms)
              rect rgb(255, 214, 214)
              n2->>n3: debit (12.3 ms)
              Note over n3: ERR_INSUFFICIENT_BALANCE
              end
              n3--xn2: ERR_INSUFFICIENT_BALANCE
              n2--xn1: ERR_INSUFFICIENT_BALANCE
            ```

            """,
            WeComMessage.Full(alert, RobotOf("link: 'https://traces.bank.example/{{trace_id}}'"), out var isShortened));
        Assert.False(isShortened);
    }

    // 64 nodes with names in Chinese, of three bytes a character, and values as long as they get.
    [Fact]
    public void Full_LongChain_FitsWithAShorterDiagram()
    {
        var name = new string('\u8F6C', 60);
        var steps = Enumerable.Range(1, 64).Select(i => ($"{name}{i}", $"{i:x16}", name, (long?)1_000_000, "FAILED", "ERR_" + name)).ToArray();
        var record = new AttributionRecord(1).Chain(steps).Saying(new string('\u4F59', 2000)).With("anomaly.path", new string('\u8DEF', 2000));

        var content = WeComMessage.Full(TemplateTextTests.AlertOf(record), Robot, out var isShortened);

        Assert.True(isShortened);
        Assert.InRange(Encoding.UTF8.GetByteCount(content), 1000, 4096);
        Assert.DoesNotContain('\uFFFD', content);
        Assert.Contains("steps left out", content, StringComparison.Ordinal);
        Assert.EndsWith("```\n", content, StringComparison.Ordinal);
    }

    [Fact]
    public void Full_HostileValues_BeginNothing()
    {
        var record = new AttributionRecord(1)
            .Saying("<@all> [click](http://evil.example) `code` **bold**\n# heading <font color=\"info\">ok</font>")
            .With("anomaly.rule_id", "<b>");
        var content = WeComMessage.Full(TemplateTextTests.AlertOf(record), Robot, out _);
        Assert.Equal(
            "\u2039@all> (click)(http://evil.example) 'code' \u2217\u2217bold\u2217\u2217 # heading \u2039font color=\"info\">ok\u2039/font>",
            content.Split('\n')[1]);
        Assert.EndsWith("</font> \u2039b>", content.Split('\n')[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Digest_MoreThanFits_TellsAsManyAsFit()
    {
        var harness = new BookHarness();
        for (var i = 0; i < 100; i++)
        {
            harness.Add(new AttributionRecord(i).With("tenant.id", $"{new string('b', 100)}{i}"));
        }

        harness.Advance(10);
        var alerts = harness.Tell();
        var content = WeComMessage.Digest(alerts, out var told);
        Assert.Equal(100, alerts.Count);
        Assert.InRange(Encoding.UTF8.GetByteCount(content), 3500, 4096);
        Assert.Equal(told, content.Split('\n').Count(static l => l.StartsWith("> firing: **insufficient_balance**", StringComparison.Ordinal)));
        Assert.InRange(told, 10, 40);
    }

    [Theory]
    [InlineData("""{"zz\ud83d":1,"errcode":93000,"errmsg":"no robot \ud83d"}""")]
    [InlineData("{\"\u00ff\":1,\"errcode\":93000,\"errmsg\":\"no robot \u00ff\"}")]
    public void Read_AnswerThatIsNotUnicode_IsRefusedForGood(string latin)
    {
        var result = new WeComNotifier(Robot, new MetricRegistry().Counter("shortened", "")).Read(Encoding.Latin1.GetBytes(latin));

        Assert.Equal((ConsumeOutcome.Rejected, "WeCom answered error 93000: no robot \uFFFD"), (result.Outcome, result.Message));
    }

    private static ReceiverConfig RobotOf(string more)
    {
        var config = ExporterHarness.Config<AlertsConfig>(
            new AlertsFactory(), $"{{wecom: [{{name: robot, url: 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k1', {more}}}]}}");
        return config.Receivers[0];
    }
}
