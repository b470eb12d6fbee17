namespace TelemetryPipeline.Exporters.Alerting.Grouping;

/// <summary>What one receiver knows of one group. Guarded by the book's lock.</summary>
internal struct ToldState
{
    /// <summary>Whether a firing notification was taken, refused or given up; nothing more is owed for the first events.</summary>
    public bool IsTold { get; set; }

    /// <summary>Whether the last notification was refused or given up, so that the receiver does not know of the group.</summary>
    public bool IsRefused { get; set; }

    /// <summary>Whether the end of the group is known to the receiver, or need not be.</summary>
    public bool IsEnded { get; set; }

    /// <summary>When it was last told.</summary>
    public TimeSpan ToldAt { get; set; }

    /// <summary>The version it was last told.</summary>
    public long ToldVersion { get; set; }

    /// <summary>Since when attempts fail; null while none has.</summary>
    public TimeSpan? FailingSince { get; set; }

    /// <summary>When the last attempt failed.</summary>
    public TimeSpan TriedAt { get; set; }

    /// <summary>Whether a notification is under way.</summary>
    public bool IsBusy { get; set; }
}
