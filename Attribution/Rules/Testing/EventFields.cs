using TelemetryPipeline.Transfers;
using TelemetryPipeline.Transfers.AttributionEvents;

namespace TelemetryPipeline.Attribution.Rules.Testing;

/// <summary>The fields of events that tests may name, with the attributes they are read from.</summary>
internal static class EventFields
{
    /// <summary>Prefix of an evidence field: <c>evidence.KEY</c>.</summary>
    public const string EvidencePrefix = "evidence.";

    /// <summary>Names in tests with names in events.</summary>
    public static readonly (string Name, string Attribute)[] All =
    [
        ("rule", AttributionKeys.RuleId),
        ("version", AttributionKeys.RuleVersion),
        ("state", AttributionKeys.State),
        ("scope", AttributionKeys.Scope),
        ("shadow", AttributionKeys.Shadow),
        ("revision", AttributionKeys.Revision),
        ("category", AttributionKeys.Category),
        ("root_cause", AttributionKeys.RootCause),
        ("priority", AttributionKeys.Priority),
        ("path", AttributionKeys.Path),
        ("chain_complete", AttributionKeys.ChainComplete),
        ("origin", AttributionKeys.OriginSpanId),
        ("origin.service", AttributionKeys.OriginService),
        ("origin.node_type", AttributionKeys.OriginNodeType),
        ("origin.code", AttributionKeys.OriginCode),
        ("group_key", AttributionKeys.GroupKey),
        ("suppressed", AttributionKeys.Suppressed),
        ("window.count", AttributionKeys.WindowCount),
        ("window.key", AttributionKeys.WindowKey),
        ("customers", AttributionKeys.ImpactCustomers),
        ("amount", AttributionKeys.ImpactAmount),
        ("currency", AttributionKeys.ImpactCurrency),
        ("order_no", BusinessKeys.OrderNo),
        ("tenant", BusinessKeys.Tenant),
    ];
}
