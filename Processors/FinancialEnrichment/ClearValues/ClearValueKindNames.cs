namespace TelemetryPipeline.Processors.FinancialEnrichment.ClearValues;

/// <summary>The words for kinds of personal data, in settings, texts and metrics.</summary>
internal static class ClearValueKindNames
{
    /// <summary>All of them, in the order of their bits.</summary>
    public static IReadOnlyList<(string Name, ClearValueKinds Kind)> All { get; } =
    [
        ("resident_id", ClearValueKinds.ResidentId),
        ("card_number", ClearValueKinds.CardNumber),
        ("phone", ClearValueKinds.Phone),
        ("resident_id_15", ClearValueKinds.ResidentId15),
        ("passport", ClearValueKinds.Passport),
        ("hong_kong_id", ClearValueKinds.HongKongId),
        ("email", ClearValueKinds.Email),
        ("landline", ClearValueKinds.Landline),
        ("company_code", ClearValueKinds.CompanyCode),
    ];
}
