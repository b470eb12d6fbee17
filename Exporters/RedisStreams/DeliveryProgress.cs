using TelemetryPipeline.Redis;

namespace TelemetryPipeline.Exporters.RedisStreams;

/// <summary>What is known of the entries of a batch of which an attempt has written only some, so that the next one writes the others.</summary>
/// <param name="States">For each entry whether it is written, refused for good, or to be written.</param>
/// <param name="RejectedItems">Items in entries that were refused for good.</param>
/// <param name="Rejection">Why; where there are any.</param>
internal sealed record DeliveryProgress(EntryState[] States, int RejectedItems, RedisFailure Rejection);
