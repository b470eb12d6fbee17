using TelemetryPipeline.Transfers.AttributionEvents;

namespace TelemetryPipeline.Exporters.Alerting;

/// <summary>A group of events as it is told to a receiver: a picture of its state at one moment. Immutable.</summary>
internal sealed record Alert
{
    /// <summary>Names the group in 16 hexadecimal digits, over restarts too.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Whether the cause goes on.</summary>
    public required bool IsFiring { get; init; }

    /// <summary>The group's labels, by name.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Labels { get; init; }

    /// <summary>Time of the first event.</summary>
    public required DateTimeOffset StartsAt { get; init; }

    /// <summary>Time of the newest event.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When it was resolved; null while firing.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>Events so far.</summary>
    public required long Count { get; init; }

    /// <summary>The newest event, as amended.</summary>
    public required AttributionEvent Newest { get; init; }

    /// <summary>The newest traces, newest first.</summary>
    public IReadOnlyList<string> TraceIds { get; init; } = [];

    /// <summary>Customers hit, at least: told apart up to a bound.</summary>
    public long Customers { get; init; }

    /// <summary>Money concerned, in minor units, by currency.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> Amounts { get; init; } = [];

    /// <summary><c>firing</c> or <c>resolved</c>.</summary>
    public string Status => IsFiring ? "firing" : "resolved";
}
