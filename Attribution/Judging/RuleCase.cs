using TelemetryPipeline.Attribution.Events;
using TelemetryPipeline.Attribution.Rules;

namespace TelemetryPipeline.Attribution.Judging;

/// <summary>A rule that hit a trace.</summary>
/// <param name="rule">The rule.</param>
/// <param name="evidence">What speaks for it.</param>
/// <param name="groupKey">The group of its events.</param>
/// <param name="windowKey">The window it counts in.</param>
/// <param name="timeNs">End of the deciding span.</param>
internal sealed class RuleCase(
    Rule rule, IReadOnlyList<EvidenceItem> evidence, string groupKey, string windowKey, ulong timeNs)
{
    public Rule Rule => rule;

    public IReadOnlyList<EvidenceItem> Evidence => evidence;

    public string GroupKey => groupKey;

    public string WindowKey => windowKey;

    public ulong TimeNs => timeNs;

    /// <summary>Records of the spans that the rule hit; none for scope trace, and for a span that is not stored.</summary>
    public List<int> Matches { get; } = new(1);

    public CaseState State { get; set; }

    /// <summary>The chain of a span that is not stored.</summary>
    public FailureChain LooseChain { get; init; } = FailureChain.None;

    /// <summary>The event that went out; null for none.</summary>
    public AttributionEvent? Event { get; set; }
}
