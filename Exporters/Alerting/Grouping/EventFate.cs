namespace TelemetryPipeline.Exporters.Alerting.Grouping;

/// <summary>What became of an event when it came in.</summary>
internal enum EventFate : byte
{
    /// <summary>The first of a new group.</summary>
    Opened,

    /// <summary>Added to a group.</summary>
    Added,

    /// <summary>Changed what is known of an event.</summary>
    Amended,

    /// <summary>Ended an event.</summary>
    Resolved,

    /// <summary>Nothing new: this revision, or a later one, was seen before.</summary>
    Duplicate,

    /// <summary>Amends an event whose group is over.</summary>
    TooLate,

    /// <summary>Ends an event that nobody knows.</summary>
    Unknown,

    /// <summary>Its origin lies on the path of another event of its trace.</summary>
    OnPath,

    /// <summary>Of a rule on trial.</summary>
    Shadow,

    /// <summary>No route takes it.</summary>
    Unrouted,
}
