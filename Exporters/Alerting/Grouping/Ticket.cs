namespace TelemetryPipeline.Exporters.Alerting.Grouping;

/// <summary>A group that is to be told to a receiver now.</summary>
/// <param name="Group">The group.</param>
/// <param name="Alert">What to tell.</param>
/// <param name="Version">The version that is told by that.</param>
internal readonly record struct Ticket(AlertGroup Group, Alert Alert, long Version);

/// <summary>What a receiver is due.</summary>
/// <param name="Tickets">Groups to tell now, the most urgent first.</param>
/// <param name="DueCount">How many are due, those that did not fit included.</param>
/// <param name="NextDue">When the next one is due on the engine's clock, where none is now.</param>
internal readonly record struct DueWork(IReadOnlyList<Ticket> Tickets, int DueCount, TimeSpan NextDue);
