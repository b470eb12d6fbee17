namespace TelemetryPipeline.Transfers;

/// <summary>Attribute keys of transfers: what services send, what enrichment adds, and what rules and exporters read.</summary>
/// <remarks>docs/enrichment.md describes each key's values.</remarks>
public static class BusinessKeys
{
    /// <summary>Order number of the transfer.</summary>
    public static readonly AttributeKey OrderNo = new("biz.order_no");

    /// <summary>Customer, as a pseudonym once enriched.</summary>
    public static readonly AttributeKey CustomerId = new("biz.customer_id");

    /// <summary>Reserve account at the central bank.</summary>
    public static readonly AttributeKey ReserveAccount = new("biz.reserve_account");

    /// <summary>Outcome of a span, set by enrichment: <see cref="SpanOutcome.Failed"/> or <see cref="SpanOutcome.Ok"/>.</summary>
    public static readonly AttributeKey Outcome = new("biz.outcome");

    /// <summary>Names of the attributes that failed validation, separated by commas.</summary>
    public static readonly AttributeKey ValidationErrors = new("biz.validation_errors");

    /// <summary>Tenant.</summary>
    public static readonly AttributeKey Tenant = new("tenant.id");

    /// <summary>Payment channel.</summary>
    public static readonly AttributeKey Channel = new("payment_channel");

    /// <summary>Type of the node, such as <c>gateway</c> or <c>pboc</c>.</summary>
    public static readonly AttributeKey NodeType = new("node_type");

    /// <summary>The node's own outcome as its service reports it.</summary>
    public static readonly AttributeKey Status = new("status");

    /// <summary>Result code, such as <c>ERR_INSUFFICIENT_BALANCE</c>.</summary>
    public static readonly AttributeKey Code = new("code");
}
