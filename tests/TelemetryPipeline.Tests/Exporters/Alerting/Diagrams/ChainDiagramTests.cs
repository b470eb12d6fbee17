using TelemetryPipeline.Exporters.Alerting.Diagrams;
using TelemetryPipeline.Transfers.AttributionEvents;

namespace TelemetryPipeline.Tests.Exporters.Alerting.Diagrams;

public sealed class ChainDiagramTests
{
    [Fact]
    public void Draw_FailingTransfer_ShowsNodesDurationsAndTheOrigin() => AssertDrawn(
        """
        sequenceDiagram
          participant n1 as client-terminal
          participant n2 as mobile-bank-gateway
          participant n3 as transfer-orchestrator
          participant n4 as balance-ledger
          Note over n1: transfer (812 ms)
          n1->>n2: POST /transfers (790 ms)
          n2->>n3: orchestrate (640 ms)
          rect rgb(255, 214, 214)
          n3->>n4: debit (12.3 ms)
          Note over n4: ERR_INSUFFICIENT_BALANCE
          end
          n4--xn3: ERR_INSUFFICIENT_BALANCE
          n3--xn2: ERR_INSUFFICIENT_BALANCE

        """,
        Step("client-terminal", "transfer", 812, "success"),
        Step("mobile-bank-gateway", "POST /transfers", 790, "success"),
        Step("transfer-orchestrator", "orchestrate", 640, "FAILED", "ERR_INSUFFICIENT_BALANCE"),
        Step("balance-ledger", "debit", 12.345, "FAILED", "ERR_INSUFFICIENT_BALANCE"));

    [Fact]
    public void Draw_OneStep_IsANote() => AssertDrawn(
        """
        sequenceDiagram
          participant n1 as risk-engine
          rect rgb(255, 214, 214)
          Note over n1: decide (50.4 ms)
          Note over n1: timeout
          end

        """,
        Step("risk-engine", "decide", 50.4, "timeout"));

    [Fact]
    public void Draw_NodeTwice_IsOneParticipant() => AssertDrawn(
        """
        sequenceDiagram
          participant n1 as account-core
          participant n2 as balance-ledger
          Note over n1: check (3 ms)
          n1->>n1: retry (2 ms)
          rect rgb(255, 214, 214)
          n1->>n2: debit (0.05 ms)
          Note over n2: failed
          end

        """,
        Step("account-core", "check", 3), Step("account-core", "retry", 2), Step("balance-ledger", "debit", 0.05));

    // Whatever a service calls itself must stay text: no statement, no comment, no entity, no markup, no directive.
    [Fact]
    public void Draw_HostileNames_StayText() => AssertDrawn(
        """
        sequenceDiagram
          participant n1 as a#59; participant x as b
          participant n2 as #37;#37;#123;init#125; #60;b#62;
          participant n3 as unknown
          Note over n1: call (1 ms)
          n1->>n2: #35;59#59; #96;#92; end   n9-#62;#62;n1: x (1 ms)
          rect rgb(255, 214, 214)
          n2->>n3: #34;quoted#34; #38; more (1 ms)
          Note over n3: FAILED
          end
          n3--xn2: FAILED

        """,
        Step("a; participant x as b", "", 1), Step("%%{init} <b>", "#59; `\\ end \r\nn9->>n1: x", 1), Step("", "\"quoted\" & more", 1, "FAILED"));

    [Fact]
    public void Draw_LongChain_LeavesOutItsMiddle()
    {
        var chain = new List<ChainStep>();
        for (var i = 1; i <= 17; i++)
        {
            chain.Add(Step($"node-{i}", "call", i, i == 17 ? "FAILED" : ""));
        }

        Assert.Equal(
            """
            sequenceDiagram
              participant n1 as node-1
              participant n2 as node-2
              participant n3 as node-16
              participant n4 as node-17
              Note over n1: call (1 ms)
              n1->>n2: call (2 ms)
              Note over n2,n3: 13 steps left out
              n2->>n3: call (16 ms)
              rect rgb(255, 214, 214)
              n3->>n4: call (17 ms)
              Note over n4: FAILED
              end
              n4--xn3: FAILED

            """,
            ChainDiagram.Draw(chain, 4));
    }

    [Fact]
    public void Draw_StepWithoutADuration_ShowsNone()
    {
        var drawn = ChainDiagram.Draw([Step("gateway", "transfer", 12), Step("ledger", "debit", 1, "FAILED") with { DurationNs = null }]);

        Assert.Contains("transfer (12 ms)\n", drawn, StringComparison.Ordinal);
        Assert.Contains(": debit\n", drawn, StringComparison.Ordinal);
    }

    [Fact]
    public void Draw_NoChain_IsEmpty() => Assert.Equal("", ChainDiagram.Draw([]));

    [Fact]
    public void Escape_LongText_IsCutBetweenCharacters()
    {
        var escaped = ChainDiagram.Escape(string.Concat(System.Linq.Enumerable.Repeat("\U0001F4B8", 100)));
        Assert.Equal(80 + 3, System.Linq.Enumerable.Count(escaped.EnumerateRunes()));
    }

    private static void AssertDrawn(string expected, params ChainStep[] chain) => Assert.Equal(expected, ChainDiagram.Draw(chain));

    private static ChainStep Step(string service, string name, double ms, string status = "", string code = "") => new()
    {
        Service = service,
        Name = name,
        DurationNs = (long)(ms * 1e6),
        Status = status,
        Code = code,
    };
}
