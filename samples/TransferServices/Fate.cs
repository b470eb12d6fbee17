namespace TransferServices;

/// <summary>What is going to happen to a transfer; drawn before it starts, so that a seed plans a run.</summary>
internal enum Fate
{
    /// <summary>Booked and settled.</summary>
    Success,

    /// <summary>The ledger finds too little money.</summary>
    InsufficientBalance,

    /// <summary>A check takes longer than the risk engine waits.</summary>
    RiskTimeout,

    /// <summary>Above the customer's quota.</summary>
    LimitExceeded,

    /// <summary>On a sanctions list.</summary>
    ComplianceBlocked,

    /// <summary>The central bank's front-end does not answer.</summary>
    PbocTimeout,

    /// <summary>The core takes longer than the orchestrator's deadline.</summary>
    DeadlineExceeded,

    /// <summary>The ledger is busy, twice; the third try books.</summary>
    LedgerBusy,

    /// <summary>The same order again: the earlier result is given.</summary>
    Repeat,
}
