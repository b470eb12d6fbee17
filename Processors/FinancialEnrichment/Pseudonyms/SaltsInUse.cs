namespace TelemetryPipeline.Processors.FinancialEnrichment.Pseudonyms;

/// <summary>Salts, and the pseudonyms that were made with them.</summary>
/// <param name="Book">The salts.</param>
/// <param name="Cache">Pseudonyms under these salts; others would be wrong.</param>
internal sealed record SaltsInUse(SaltBook Book, PseudonymCache Cache);
