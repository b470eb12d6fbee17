namespace TelemetryPipeline.Processors.FinancialEnrichment.Pseudonyms;

/// <summary>How a pseudonym is made of a salt and a value; each gives 32 bytes.</summary>
internal enum PseudonymAlgorithm : byte
{
    /// <summary>SM3 (GB/T 32905) over the salt and then the value.</summary>
    Sm3,

    /// <summary>HMAC with SM3, keyed with the salt.</summary>
    HmacSm3,

    /// <summary>HMAC with SHA-256, keyed with the salt.</summary>
    HmacSha256,
}
