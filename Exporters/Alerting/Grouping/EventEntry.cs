namespace TelemetryPipeline.Exporters.Alerting.Grouping;

/// <summary>What is remembered of one event. Guarded by the book's lock.</summary>
internal sealed class EventEntry
{
    /// <summary>The event's id.</summary>
    public required string Id { get; init; }

    /// <summary>Its trace; empty where it has none.</summary>
    public required string TraceId { get; init; }

    /// <summary>Its group; null when that is over or the event was inhibited.</summary>
    public AlertGroup? Group { get; set; }

    /// <summary>The newest revision seen.</summary>
    public long Revision { get; set; }

    /// <summary>Whether the newest revision says that it is over.</summary>
    public bool IsResolved { get; set; }

    /// <summary>The origin's span.</summary>
    public string OriginSpan { get; set; } = "";

    /// <summary>Spans above the origin on its chain.</summary>
    public string[] SpansAbove { get; set; } = [];

    /// <summary>Its part in the group's count.</summary>
    public long Weight { get; set; }

    /// <summary>Its part in the group's money.</summary>
    public long Amount { get; set; }

    /// <summary>The currency of that.</summary>
    public string Currency { get; set; } = "";

    /// <summary>When it was last heard of.</summary>
    public TimeSpan SeenAt { get; set; }

    /// <summary>When it was put in the line of those that make room.</summary>
    public TimeSpan QueuedAt { get; set; }
}
