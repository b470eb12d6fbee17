namespace TelemetryPipeline.Transfers.AttributionEvents;

/// <summary>Attribute keys of attribution events; docs/attribution.md describes their values.</summary>
public static class AttributionKeys
{
    /// <summary>Event name of the log records that carry attribution events.</summary>
    public static readonly AttributeKey EventName = new("anomaly.attribution");

    /// <summary>Version of the event's schema.</summary>
    public static readonly AttributeKey SchemaVersion = new("anomaly.schema_version");

    /// <summary>Id of the event, the same in all its revisions.</summary>
    public static readonly AttributeKey EventId = new("anomaly.event_id");

    /// <summary>Number of the revision, from 1.</summary>
    public static readonly AttributeKey Revision = new("anomaly.revision");

    /// <summary><c>firing</c> or <c>resolved</c>.</summary>
    public static readonly AttributeKey State = new("anomaly.state");

    /// <summary>Id of the rule that matched.</summary>
    public static readonly AttributeKey RuleId = new("anomaly.rule_id");

    /// <summary>Version of the rule.</summary>
    public static readonly AttributeKey RuleVersion = new("anomaly.rule_version");

    /// <summary><c>span</c>, <c>trace</c> or <c>window</c>.</summary>
    public static readonly AttributeKey Scope = new("anomaly.scope");

    /// <summary>Whether the rule's status is <c>shadow</c>.</summary>
    public static readonly AttributeKey Shadow = new("anomaly.shadow");

    /// <summary>Category of the rule.</summary>
    public static readonly AttributeKey Category = new("anomaly.category");

    /// <summary>Root cause of the rule.</summary>
    public static readonly AttributeKey RootCause = new("anomaly.root_cause");

    /// <summary><c>P0</c> to <c>P3</c>.</summary>
    public static readonly AttributeKey Priority = new("anomaly.priority");

    /// <summary>Notification targets of the rule.</summary>
    public static readonly AttributeKey Notify = new("anomaly.notify");

    /// <summary>The chain from the root to the origin; see <see cref="ChainStep"/>.</summary>
    public static readonly AttributeKey Chain = new("anomaly.chain");

    /// <summary>Whether the chain has no gap and was not cut.</summary>
    public static readonly AttributeKey ChainComplete = new("anomaly.chain_complete");

    /// <summary>The chain's services in one line.</summary>
    public static readonly AttributeKey Path = new("anomaly.path");

    /// <summary>Service of the origin.</summary>
    public static readonly AttributeKey OriginService = new("anomaly.origin.service");

    /// <summary>Node type of the origin.</summary>
    public static readonly AttributeKey OriginNodeType = new("anomaly.origin.node_type");

    /// <summary>Span id of the origin.</summary>
    public static readonly AttributeKey OriginSpanId = new("anomaly.origin.span_id");

    /// <summary>Span name of the origin.</summary>
    public static readonly AttributeKey OriginName = new("anomaly.origin.name");

    /// <summary>Result code of the origin.</summary>
    public static readonly AttributeKey OriginCode = new("anomaly.origin.code");

    /// <summary>The attributes that made the rule match.</summary>
    public static readonly AttributeKey Evidence = new("anomaly.evidence");

    /// <summary>Key of the group the event belongs to.</summary>
    public static readonly AttributeKey GroupKey = new("anomaly.group_key");

    /// <summary>Number of events that this event stands for.</summary>
    public static readonly AttributeKey Suppressed = new("anomaly.suppressed");

    /// <summary>Number of traces in the window.</summary>
    public static readonly AttributeKey WindowCount = new("anomaly.window.count");

    /// <summary>Length of the window in seconds.</summary>
    public static readonly AttributeKey WindowSeconds = new("anomaly.window.seconds");

    /// <summary>Key of the window.</summary>
    public static readonly AttributeKey WindowKey = new("anomaly.window.key");

    /// <summary>Number of distinct customers.</summary>
    public static readonly AttributeKey ImpactCustomers = new("anomaly.impact.customers");

    /// <summary>Amount in minor units of <see cref="ImpactCurrency"/>.</summary>
    public static readonly AttributeKey ImpactAmount = new("anomaly.impact.amount");

    /// <summary>Currency of the amount, ISO 4217.</summary>
    public static readonly AttributeKey ImpactCurrency = new("anomaly.impact.currency");
}
