using System.Diagnostics;
using System.Globalization;

namespace TransferServices.Nodes;

/// <summary>9: validates, deducts, journals, settles and notifies, within a deadline.</summary>
internal sealed class TransferOrchestrator(
    WorkloadOptions options,
    TransferNode account,
    TransferNode ledger,
    TransferNode journal,
    TransferNode clearing,
    TransferNode notification)
    : TransferNode("transfer-orchestrator", "core", "core.v1.Transfers/Execute", options)
{
    private const int DeductAttemptsMax = 3;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

    protected override async Task<Verdict> ProcessAsync(TransferRun run, Activity? span, CancellationToken cancel)
    {
        await WorkAsync(run, 2, cancel);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(Deadline);
        var verdict = await CallAsync(account, run, deadline.Token);
        if (!verdict.Failed)
        {
            verdict = await DeductAsync(run, span, deadline.Token);
        }

        if (!verdict.Failed)
        {
            verdict = await CallAsync(journal, run, deadline.Token);
        }

        if (!verdict.Failed)
        {
            verdict = await CallAsync(clearing, run, deadline.Token);
        }

        if (deadline.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            return Verdict.Timeout("ERR_DEADLINE_EXCEEDED", 408);
        }

        // The customer hears of a failure as well.
        await CallAsync(notification, run, cancel);
        return verdict.PassedOn();
    }

    private async Task<Verdict> DeductAsync(TransferRun run, Activity? span, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            var verdict = await CallAsync(ledger, run, cancel, attempt);
            if (verdict.Code != "ERR_LEDGER_BUSY" || attempt == DeductAttemptsMax)
            {
                return verdict;
            }

            span?.AddEvent(new ActivityEvent("retry", tags: new() { ["attempt"] = attempt, ["code"] = verdict.Code }));
            await Task.Delay(TimeSpan.FromMilliseconds(10 * attempt), cancel);
        }
    }
}

/// <summary>10: account validation.</summary>
internal sealed class AccountCore(WorkloadOptions options)
    : TransferNode("account-core", "core", "core.v1.Accounts/Validate", options)
{
    protected override async Task<Verdict> ProcessAsync(TransferRun run, Activity? span, CancellationToken cancel)
    {
        span?.SetTag("account_no", run.Transfer.AccountNo);
        span?.SetTag("channel_type", "core-adapter");
        span?.SetTag("reversal", false);
        await WorkAsync(run, run.Transfer.Fate == Fate.DeadlineExceeded ? 60_000 : 8, cancel);
        return Verdict.Success;
    }
}

/// <summary>11: balance check and double-entry booking.</summary>
internal sealed class BalanceLedger(WorkloadOptions options)
    : TransferNode("balance-ledger", "core", "core.v1.Ledger/Deduct", options)
{
    protected override async Task<Verdict> ProcessAsync(TransferRun run, Activity? span, CancellationToken cancel)
    {
        span?.SetTag("db.system.name", "postgresql");
        span?.SetTag("account_no", run.Transfer.AccountNo);
        await WorkAsync(run, 12, cancel);
        switch (run.Transfer.Fate)
        {
            case Fate.InsufficientBalance:
                span?.AddEvent(new ActivityEvent("exception", tags: new()
                {
                    ["exception.type"] = "Ledger.InsufficientBalanceException",
                    ["exception.message"] = "available balance is below the requested amount",
                }));
                return Verdict.Reject("ERR_INSUFFICIENT_BALANCE", 402);
            case Fate.LedgerBusy when run.CountAttempt(ServiceName) < 3:
                return Verdict.Reject("ERR_LEDGER_BUSY", 503);
            default:
                return Verdict.Success;
        }
    }
}

/// <summary>12: the write-ahead log.</summary>
internal sealed class Journal(WorkloadOptions options)
    : TransferNode("journal", "core", "core.v1.Journal/Append", options)
{
    protected override async Task<Verdict> ProcessAsync(TransferRun run, Activity? span, CancellationToken cancel)
    {
        span?.SetTag("journal.entry_bytes", 180 + run.Draw(80));
        await WorkAsync(run, 1, cancel);
        return Verdict.Success;
    }
}

/// <summary>13: customer and operator notices, by message.</summary>
internal sealed class Notification(WorkloadOptions options)
    : TransferNode("notification", "core", "notices process", options)
{
    protected override ActivityKind EntryKind => ActivityKind.Consumer;

    protected override ActivityKind CallKind => ActivityKind.Producer;

    protected override async Task<Verdict> ProcessAsync(TransferRun run, Activity? span, CancellationToken cancel)
    {
        span?.SetTag("messaging.system", "kafka");
        span?.SetTag("messaging.destination.name", "notices");
        await WorkAsync(run, 3, cancel);
        return Verdict.Success;
    }
}

/// <summary>14: netting.</summary>
internal sealed class ClearingEngine(WorkloadOptions options, TransferNode interbank)
    : TransferNode("clearing-engine", "core", "clearing.v1.Netting/Submit", options)
{
    protected override async Task<Verdict> ProcessAsync(TransferRun run, Activity? span, CancellationToken cancel)
    {
        span?.SetTag("batch_id", BatchId(run.Transfer));
        span?.SetTag("participants", 2 + run.Draw(6));
        span?.SetTag("net_direction", run.Draw(2) == 0 ? "debit" : "credit");
        span?.SetTag("net_amount", run.Transfer.Amount);
        await WorkAsync(run, 4, cancel);
        return (await CallAsync(interbank, run, cancel)).PassedOn();
    }

    // One netting batch a tenant: the same UUID for all of its transfers, version 4 in form.
    private static string BatchId(Transfer transfer)
    {
        var random = new Random(transfer.TenantId[^1]);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{random.Next():x8}-{random.Next(65536):x4}-4{random.Next(4096):x3}-8{random.Next(4096):x3}-{random.NextInt64(1L << 48):x12}");
    }
}
