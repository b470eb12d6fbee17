using TelemetryPipeline.Transfers;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Mapping;

/// <summary>What is mapped when nothing is configured, and before what is.</summary>
internal static class ShippedMappings
{
    /// <summary>The mappings, in order: the amounts come after the currency they are in.</summary>
    public static IReadOnlyList<MappingConfig> All { get; } =
    [
        MappingConfig.Of(BusinessKeys.Tenant, MappedType.Text, "header:x-tenant-id", "baggage:tenant.id"),
        MappingConfig.Of(
            BusinessKeys.CustomerId, MappedType.Text, "header:x-biz-cust-id", "baggage:biz.customer_id", "customer.id", "customer_id", "id_number",
            "resource:biz.customer_id"),
        MappingConfig.Of(
            BusinessKeys.OrderNo, MappedType.Text, "header:x-biz-order-no", "baggage:biz.order_no", "order_no", "order.no", "order.id"),
        MappingConfig.Of(
            BusinessKeys.ReserveAccount, MappedType.Text, "header:x-biz-reserve-account", "baggage:biz.reserve_account",
            "reserve_account"),
        MappingConfig.Of(BusinessKeys.Channel, MappedType.Text, "header:x-payment-channel", "payment.channel"),
        MappingConfig.Of("currency", MappedType.Currency, "header:x-currency", "payment.currency", "transaction.currency"),
        MappingConfig.Of("amount", MappedType.Amount, "header:x-amount", "payment.amount", "transaction.amount"),
        MappingConfig.Of("net_amount", MappedType.Amount),
        MappingConfig.Of(BusinessKeys.Status, MappedType.Text, "biz.status", "transaction.status"),
        MappingConfig.Of(BusinessKeys.Code, MappedType.Text, "biz.code", "error.code", "error_code"),
        MappingConfig.Of("risk_score", MappedType.Int, "risk.score"),
        MappingConfig.Of("policy_id", MappedType.Text, "risk.policy_id"),
        MappingConfig.Of("pboc_msg_type", MappedType.Text, "pboc.msg_type"),
        MappingConfig.Of("ts_ms", MappedType.TimestampMs, "span:start_time"),
    ];
}
