namespace TelemetryPipeline.Exporters.Alerting.Grouping;

/// <summary>What a receiver wants to be told.</summary>
/// <param name="RepeatInterval">After how long a group that fires on is told again.</param>
/// <param name="SendResolved">Whether the end of a group is told.</param>
/// <param name="MaxElapsedTime">How long a notification is tried; zero for ever.</param>
internal sealed record ReceiverTiming(TimeSpan RepeatInterval, bool SendResolved, TimeSpan MaxElapsedTime);
