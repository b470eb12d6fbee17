using TransferServices.Nodes;

namespace TransferServices;

/// <summary>The 17 services, wired as they call each other.</summary>
internal sealed class BankNetwork : IDisposable
{
    private readonly List<TransferNode> _nodes = [];

    public BankNetwork(WorkloadOptions options)
    {
        var reserve = Add(new ReserveAccount(options));
        var pbocFront = Add(new PbocFront(options, reserve));
        var interbank = Add(new InterbankSwitch(options, pbocFront));
        var clearing = Add(new ClearingEngine(options, interbank));
        var notification = Add(new Notification(options));
        var journal = Add(new Journal(options));
        var ledger = Add(new BalanceLedger(options));
        var account = Add(new AccountCore(options));
        var orchestrator = Add(new TransferOrchestrator(options, account, ledger, journal, clearing, notification));
        var compliance = Add(new ComplianceCheck(options));
        var limit = Add(new LimitCheck(options));
        var credit = Add(new CreditCheck(options));
        var risk = Add(new RiskEngine(options, credit, limit, compliance));
        var guard = Add(new IdempotencyGuard(options));
        var auth = Add(new AuthService(options));
        var gateway = Add(new MobileBankGateway(options, auth, guard, risk, orchestrator));
        Entry = Add(new ClientTerminal(options, gateway));
    }

    /// <summary>Where a transfer starts.</summary>
    public TransferNode Entry { get; }

    /// <summary>Sends what the services have not sent yet.</summary>
    public void Flush(TimeSpan timeout)
    {
        foreach (var node in _nodes)
        {
            node.Flush((int)timeout.TotalMilliseconds);
        }
    }

    public void Dispose()
    {
        foreach (var node in _nodes)
        {
            node.Dispose();
        }
    }

    private T Add<T>(T node)
        where T : TransferNode
    {
        _nodes.Add(node);
        return node;
    }
}
