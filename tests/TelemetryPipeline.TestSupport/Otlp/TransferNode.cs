namespace TelemetryPipeline.TestSupport.Otlp;

/// <summary>One of the 17 services that a transfer passes.</summary>
/// <param name="Service">Its <c>service.name</c>.</param>
/// <param name="NodeType">Its tier.</param>
/// <param name="Parent">Index of the node that calls it, -1 for the client.</param>
public sealed record TransferNode(string Service, string NodeType, int Parent)
{
    /// <summary>The nodes in the order a transfer reaches them.</summary>
    public static IReadOnlyList<TransferNode> All { get; } =
    [
        new("client-terminal", "client", -1),
        new("mobile-bank-gateway", "gateway", 0),
        new("auth-service", "gateway", 1),
        new("idempotency-guard", "gateway", 1),
        new("risk-engine", "risk", 1),
        new("credit-check", "risk", 4),
        new("limit-check", "risk", 4),
        new("compliance-check", "risk", 4),
        new("transfer-orchestrator", "core", 1),
        new("account-core", "core", 8),
        new("balance-ledger", "core", 9),
        new("journal", "core", 8),
        new("notification", "core", 8),
        new("clearing-engine", "core", 8),
        new("interbank-switch", "pboc", 13),
        new("pboc-front", "pboc", 14),
        new("reserve-account", "reserve", 15),
    ];
}
