namespace TelemetryPipeline.Attribution.Windows;

/// <summary>A trace that counts in a window.</summary>
/// <param name="Trace">A hash of its id.</param>
/// <param name="TimeNs">When its deciding span ended.</param>
/// <param name="Customer">A hash of the customer's pseudonym; 0 where unknown.</param>
/// <param name="Amount">Minor units; 0 where unknown.</param>
/// <param name="Currency">Number of the currency.</param>
/// <param name="HasAmount">Whether the amount is known.</param>
internal readonly record struct WindowHit(ulong Trace, ulong TimeNs, ulong Customer, long Amount, ushort Currency, bool HasAmount);
