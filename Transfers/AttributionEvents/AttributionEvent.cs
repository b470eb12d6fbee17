using System.Globalization;

namespace TelemetryPipeline.Transfers.AttributionEvents;

/// <summary>An event of the <c>anomaly_attribution</c> connector, read from its log record. Immutable.</summary>
public sealed record AttributionEvent
{
    /// <summary>Stable over amendments.</summary>
    public required string EventId { get; init; }

    /// <summary>The rule that matched.</summary>
    public required string RuleId { get; init; }

    /// <summary>Counts amendments, from 1.</summary>
    public long Revision { get; init; } = 1;

    /// <summary>Whether the event says that its cause is over.</summary>
    public bool IsResolved { get; init; }

    /// <summary>Whether the rule is on trial.</summary>
    public bool IsShadow { get; init; }

    /// <summary>Severity: <c>P0</c> to <c>P3</c>.</summary>
    public string Priority { get; init; } = "";

    /// <summary>Whom the rule wants to be told.</summary>
    public IReadOnlyList<string> Notify { get; init; } = [];

    /// <summary>From the root to the origin.</summary>
    public IReadOnlyList<ChainStep> Chain { get; init; } = [];

    /// <summary>One sentence for people.</summary>
    public string Summary { get; init; } = "";

    /// <summary>The trace in hexadecimal digits; empty where there is none.</summary>
    public string TraceId { get; init; } = "";

    /// <summary>The origin's span in hexadecimal digits; empty where there is none.</summary>
    public string SpanId { get; init; } = "";

    /// <summary>End of the deciding span.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>
    /// Every attribute of the record, and those of the resource that the record does not have, as text: numbers in
    /// decimal, lists as JSON. The chain is not among them.
    /// </summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    /// <summary>How many events this one stands for.</summary>
    public long Weight => 1 + Math.Max(Number(AttributionKeys.Suppressed), 0);

    /// <summary>An attribute as text; empty where it is missing.</summary>
    /// <param name="key">The key.</param>
    public string Text(string key) => Attributes.TryGetValue(key, out var text) ? text : "";

    /// <summary>An attribute as a whole number; 0 where it is missing or no number.</summary>
    /// <param name="key">The key.</param>
    public long Number(string key) =>
        long.TryParse(Text(key), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
