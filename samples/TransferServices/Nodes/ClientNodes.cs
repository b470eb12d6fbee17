using System.Diagnostics;

namespace TransferServices.Nodes;

/// <summary>1: the app that starts the transfer.</summary>
internal sealed class ClientTerminal(WorkloadOptions options, TransferNode gateway)
    : TransferNode("client-terminal", "client", "transfer", options)
{
    protected override ActivityKind EntryKind => ActivityKind.Internal;

    protected override string HeaderPrefix => "http.request.header.";

    protected override async Task<Verdict> ProcessAsync(TransferRun run, Activity? span, CancellationToken cancel)
    {
        span?.SetTag("channel_type", "mobile");
        await WorkAsync(run, 2, cancel);
        return (await CallAsync(gateway, run, cancel)).PassedOn();
    }
}
