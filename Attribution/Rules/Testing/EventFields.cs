namespace TelemetryPipeline.Attribution.Rules.Testing;

/// <summary>The fields of events that tests may name, with the attributes they are read from.</summary>
internal static class EventFields
{
    /// <summary>Prefix of an evidence field: <c>evidence.KEY</c>.</summary>
    public const string EvidencePrefix = "evidence.";

    /// <summary>Names in tests with names in events.</summary>
    public static readonly (string Name, string Attribute)[] All =
    [
        ("rule", "anomaly.rule_id"),
        ("version", "anomaly.rule_version"),
        ("state", "anomaly.state"),
        ("scope", "anomaly.scope"),
        ("shadow", "anomaly.shadow"),
        ("revision", "anomaly.revision"),
        ("category", "anomaly.category"),
        ("root_cause", "anomaly.root_cause"),
        ("priority", "anomaly.priority"),
        ("path", "anomaly.path"),
        ("chain_complete", "anomaly.chain_complete"),
        ("origin", "anomaly.origin.span_id"),
        ("origin.service", "anomaly.origin.service"),
        ("origin.node_type", "anomaly.origin.node_type"),
        ("origin.code", "anomaly.origin.code"),
        ("group_key", "anomaly.group_key"),
        ("suppressed", "anomaly.suppressed"),
        ("window.count", "anomaly.window.count"),
        ("window.key", "anomaly.window.key"),
        ("customers", "anomaly.impact.customers"),
        ("amount", "anomaly.impact.amount"),
        ("currency", "anomaly.impact.currency"),
        ("order_no", "biz.order_no"),
        ("tenant", "tenant.id"),
    ];
}
