namespace TelemetryPipeline.Processors.FieldEncryption.Policies;

/// <summary>The policies that hold without any settings.</summary>
internal static class ShippedPolicies
{
    /// <summary>The classes that they know, which is also what data counts as that does not say its class.</summary>
    public static readonly string[] Classes = ["finance", "healthcare"];

    /// <summary>A CVV must not be kept by anybody, encrypted or not; the rest is encrypted.</summary>
    public static readonly IReadOnlyList<PolicyConfig> All =
    [
        PolicyConfig.Of("finance", FieldAction.Drop, "cvv", "*.cvv"),
        PolicyConfig.Of("finance", FieldAction.Encrypt, "account_number", "*.account_number"),
        PolicyConfig.Of("healthcare", FieldAction.Encrypt, "patient_id", "*.patient_id", "diagnosis", "*.diagnosis"),
    ];
}
