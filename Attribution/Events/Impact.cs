namespace TelemetryPipeline.Attribution.Events;

/// <summary>Whom a failure hit, and how much money was under way.</summary>
/// <param name="Customers">Distinct pseudonyms.</param>
/// <param name="Amount">Minor units of the currency.</param>
/// <param name="Currency">Number of the currency that most of the traces were in; 0 where no amount is known.</param>
internal readonly record struct Impact(long Customers, long Amount, ushort Currency);
