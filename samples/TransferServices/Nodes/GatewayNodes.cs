using System.Diagnostics;

namespace TransferServices.Nodes;

/// <summary>2: the API gateway.</summary>
internal sealed class MobileBankGateway(
    WorkloadOptions options, TransferNode auth, TransferNode guard, TransferNode risk, TransferNode orchestrator)
    : TransferNode("mobile-bank-gateway", "gateway", "POST /mobile-banking/v1/transfers", options)
{
    protected override string HeaderPrefix => "http.request.header.";

    protected override async Task<Verdict> ProcessAsync(TransferRun run, Activity? span, CancellationToken cancel)
    {
        span?.SetTag("http.request.method", "POST");
        span?.SetTag("url.path", "/mobile-banking/v1/transfers");
        span?.SetTag("payment_channel", run.Transfer.Channel);
        span?.SetTag("third_order_id", "P" + run.Transfer.OrderNo);
        await WorkAsync(run, 1.5, cancel);
        var verdict = await RouteAsync(run, cancel);
        span?.SetTag("http.response.status_code", verdict.HttpStatus);
        return verdict.PassedOn();
    }

    private async Task<Verdict> RouteAsync(TransferRun run, CancellationToken cancel)
    {
        var verdict = await CallAsync(auth, run, cancel);
        if (verdict.Failed)
        {
            return verdict;
        }

        verdict = await CallAsync(guard, run, cancel);
        if (verdict.Failed || run.IsRepeat)
        {
            return verdict;
        }

        verdict = await CallAsync(risk, run, cancel);
        return verdict.Failed ? verdict : await CallAsync(orchestrator, run, cancel);
    }
}

/// <summary>3: session, device and tenant check.</summary>
internal sealed class AuthService(WorkloadOptions options)
    : TransferNode("auth-service", "gateway", "auth.v1.Sessions/Verify", options)
{
    protected override async Task<Verdict> ProcessAsync(TransferRun run, Activity? span, CancellationToken cancel)
    {
        span?.SetTag("rpc.system", "grpc");
        await WorkAsync(run, 3, cancel);
        return Verdict.Success;
    }
}

/// <summary>4: gives a repeated order its earlier result.</summary>
internal sealed class IdempotencyGuard(WorkloadOptions options)
    : TransferNode("idempotency-guard", "gateway", "idempotency.v1.Guard/Claim", options)
{
    protected override async Task<Verdict> ProcessAsync(TransferRun run, Activity? span, CancellationToken cancel)
    {
        span?.SetTag("db.system.name", "redis");
        span?.SetTag("idempotency.hit", run.IsRepeat);
        await WorkAsync(run, 1, cancel);
        return Verdict.Success;
    }
}
