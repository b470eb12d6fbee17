using System.Diagnostics;

namespace TransferServices.Nodes;

/// <summary>5: runs the rule chain within its limit.</summary>
internal sealed class RiskEngine(WorkloadOptions options, TransferNode credit, TransferNode limit, TransferNode compliance)
    : TransferNode("risk-engine", "risk", "risk.v1.Engine/Evaluate", options)
{
    private static readonly TimeSpan LimitPerOrder = TimeSpan.FromMilliseconds(50);

    protected override async Task<Verdict> ProcessAsync(TransferRun run, Activity? span, CancellationToken cancel)
    {
        span?.SetTag("risk_score", run.Transfer.RiskScore);
        span?.SetTag("policy_id", "POL-TRANSFER-07");
        span?.SetTag("risk_level", run.Transfer.RiskScore >= 700 ? "high" : "low");
        await WorkAsync(run, 1, cancel);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        if (run.Transfer.Fate == Fate.RiskTimeout)
        {
            // Only a planned timeout is held to the clock: a busy machine must not invent failures.
            limited.CancelAfter(LimitPerOrder);
        }

        foreach (var check in new[] { credit, limit, compliance })
        {
            var verdict = await CallAsync(check, run, limited.Token);
            if (limited.IsCancellationRequested && !cancel.IsCancellationRequested)
            {
                return Verdict.Timeout("ERR_RISK_TIMEOUT");
            }

            if (verdict.Failed)
            {
                return verdict.PassedOn();
            }
        }

        return Verdict.Success;
    }
}

/// <summary>6: the credit rule.</summary>
internal sealed class CreditCheck(WorkloadOptions options)
    : TransferNode("credit-check", "risk", "risk.v1.Credit/Check", options)
{
    protected override async Task<Verdict> ProcessAsync(TransferRun run, Activity? span, CancellationToken cancel)
    {
        span?.SetTag("policy_id", "POL-CREDIT-02");
        await WorkAsync(run, run.Transfer.Fate == Fate.RiskTimeout ? 20_000 : 4, cancel);
        return Verdict.Success;
    }
}

/// <summary>7: the quota rule.</summary>
internal sealed class LimitCheck(WorkloadOptions options)
    : TransferNode("limit-check", "risk", "risk.v1.Limit/Check", options)
{
    protected override async Task<Verdict> ProcessAsync(TransferRun run, Activity? span, CancellationToken cancel)
    {
        span?.SetTag("policy_id", "POL-LIMIT-11");
        await WorkAsync(run, 2, cancel);
        return run.Transfer.Fate == Fate.LimitExceeded ? Verdict.Reject("ERR_LIMIT_EXCEEDED") : Verdict.Success;
    }
}

/// <summary>8: sanctions and policy.</summary>
internal sealed class ComplianceCheck(WorkloadOptions options)
    : TransferNode("compliance-check", "risk", "risk.v1.Compliance/Screen", options)
{
    protected override async Task<Verdict> ProcessAsync(TransferRun run, Activity? span, CancellationToken cancel)
    {
        span?.SetTag("policy_id", "POL-AML-04");
        await WorkAsync(run, 5, cancel);
        return run.Transfer.Fate == Fate.ComplianceBlocked ? Verdict.Reject("ERR_COMPLIANCE_BLOCKED", 451) : Verdict.Success;
    }
}
