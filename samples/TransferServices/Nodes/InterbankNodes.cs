using System.Diagnostics;

namespace TransferServices.Nodes;

/// <summary>15: UnionPay, NUCC and SWIFT adapters.</summary>
internal sealed class InterbankSwitch(WorkloadOptions options, TransferNode pbocFront)
    : TransferNode("interbank-switch", "pboc", "switch.v1.Interbank/Send", options)
{
    protected override async Task<Verdict> ProcessAsync(TransferRun run, Activity? span, CancellationToken cancel)
    {
        span?.SetTag("payment_channel", run.Transfer.Channel);
        await WorkAsync(run, 15, cancel);
        return (await CallAsync(pbocFront, run, cancel)).PassedOn();
    }
}

/// <summary>16: the central bank's front-end.</summary>
internal sealed class PbocFront(WorkloadOptions options, TransferNode reserve)
    : TransferNode("pboc-front", "pboc", "pboc.v1.Front/Submit", options)
{
    private static int _sequence;

    protected override async Task<Verdict> ProcessAsync(TransferRun run, Activity? span, CancellationToken cancel)
    {
        span?.SetTag("pboc_msg_type", run.Transfer.Amount >= 5_000_000 ? "hvps.111.001.01" : "beps.121.001.01");
        span?.SetTag("seq_no", Interlocked.Increment(ref _sequence));
        span?.SetTag("payment_channel", run.Transfer.Channel);
        if (run.Transfer.Fate == Fate.PbocTimeout)
        {
            await WorkAsync(run, 700, cancel);
            return Verdict.Timeout("ERR_PBOC_TIMEOUT");
        }

        await WorkAsync(run, 40, cancel);
        return (await CallAsync(reserve, run, cancel)).PassedOn();
    }
}
