namespace TelemetryPipeline.Processors.FinancialEnrichment.SensitiveValues;

/// <summary>Kinds of personal data that are recognised by their form.</summary>
[Flags]
internal enum SensitiveValueKinds : ushort
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>A Chinese resident identity number (GB 11643): 18 characters with a birth date and a check digit.</summary>
    ResidentId = 1,

    /// <summary>A payment card number (ISO/IEC 7812): 13 to 19 digits with a check digit.</summary>
    CardNumber = 2,

    /// <summary>A Chinese mobile number: 11 digits, with or without +86.</summary>
    Phone = 4,

    /// <summary>A Chinese resident identity number of 15 digits, issued until 1999: province and birth date.</summary>
    ResidentId15 = 8,

    /// <summary>A Chinese passport number: E or G and eight digits, or E with a letter, DE, SE or PE and seven.</summary>
    Passport = 16,

    /// <summary>A Hong Kong identity card number: one or two letters, six digits and a check character.</summary>
    HongKongId = 32,

    /// <summary>An e-mail address.</summary>
    Email = 64,

    /// <summary>A Chinese landline number with its area code.</summary>
    Landline = 128,

    /// <summary>A unified social credit code (GB 32100): 18 characters with a region and a check character.</summary>
    CompanyCode = 256,

    /// <summary>All of them.</summary>
    All = ResidentId | CardNumber | Phone | ResidentId15 | Words | Email | Landline,

    /// <summary>Those that hold letters.</summary>
    Words = Passport | HongKongId | CompanyCode,
}
