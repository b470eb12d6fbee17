namespace TelemetryPipeline.Processors.FinancialEnrichment.ClearValues;

/// <summary>Kinds of personal numbers that are known by their form.</summary>
[Flags]
internal enum ClearValueKinds : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>A Chinese resident identity number (GB 11643): 18 characters with a birth date and a check digit.</summary>
    ResidentId = 1,

    /// <summary>A payment card number (ISO/IEC 7812): 13 to 19 digits with a check digit.</summary>
    CardNumber = 2,

    /// <summary>A Chinese mobile number: 11 digits, with or without +86.</summary>
    Phone = 4,

    /// <summary>All of them.</summary>
    All = ResidentId | CardNumber | Phone,
}
