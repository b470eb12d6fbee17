namespace TelemetryPipeline.Processors.FinancialEnrichment.SensitiveValues;

/// <summary>The words for kinds of personal data, in settings, texts and metrics.</summary>
internal static class SensitiveValueKindNames
{
    /// <summary>All of them, in the order of their bits.</summary>
    public static IReadOnlyList<(string Name, SensitiveValueKinds Kind)> All { get; } =
    [
        ("resident_id", SensitiveValueKinds.ResidentId),
        ("card_number", SensitiveValueKinds.CardNumber),
        ("phone", SensitiveValueKinds.Phone),
        ("resident_id_15", SensitiveValueKinds.ResidentId15),
        ("passport", SensitiveValueKinds.Passport),
        ("hong_kong_id", SensitiveValueKinds.HongKongId),
        ("email", SensitiveValueKinds.Email),
        ("landline", SensitiveValueKinds.Landline),
        ("company_code", SensitiveValueKinds.CompanyCode),
    ];
}
