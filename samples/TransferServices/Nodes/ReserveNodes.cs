using System.Diagnostics;

namespace TransferServices.Nodes;

/// <summary>17: the final movement on the reserve account.</summary>
internal sealed class ReserveAccount(WorkloadOptions options)
    : TransferNode("reserve-account", "reserve", "reserve.v1.Accounts/Move", options)
{
    protected override async Task<Verdict> ProcessAsync(TransferRun run, Activity? span, CancellationToken cancel)
    {
        span?.SetTag("biz.reserve_account", run.Transfer.ReserveAccount);
        await WorkAsync(run, 10, cancel);
        return Verdict.Success;
    }
}
