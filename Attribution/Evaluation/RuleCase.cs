using TelemetryPipeline.Attribution.Events;
using TelemetryPipeline.Attribution.Rules;

namespace TelemetryPipeline.Attribution.Evaluation;

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

    /// <summary>What speaks for it; none any more once nothing can come of it.</summary>
    public IReadOnlyList<EvidenceItem> Evidence { get; private set; } = evidence;

    /// <summary>The group of its events; as long as something can come of it.</summary>
    public string GroupKey { get; private set; } = groupKey;

    /// <summary>The window it counts in; as long as something can come of it.</summary>
    public string WindowKey { get; private set; } = windowKey;

    public ulong TimeNs => timeNs;

    /// <summary>Records of the spans that the rule hit; none for scope trace, and for a span that is not stored.</summary>
    public List<int> Matches { get; } = new(1);

    public CaseState State { get; set; }

    /// <summary>The chain of a span that is not stored.</summary>
    public FailureChain LooseChain { get; init; } = FailureChain.None;

    /// <summary>What it about takes, in bytes.</summary>
    public long SizeBytes
    {
        get
        {
            var size = 220L + (Matches.Count * sizeof(int)) + (2L * (GroupKey.Length + WindowKey.Length));
            foreach (var item in Evidence)
            {
                size += 60 + item.Value.Length;
            }

            return Event is null ? size : size + 400 + (Event.Chain.Nodes.Length * 48L);
        }
    }

    /// <summary>Lets go of what only an event needs.</summary>
    public void Close()
    {
        if (Event is null && State != CaseState.Pending)
        {
            (Evidence, GroupKey, WindowKey) = ([], "", "");
        }
    }

    /// <summary>The event that went out; null for none.</summary>
    public RuleEvent? Event { get; set; }
}
