using System.Linq;

namespace TelemetryPipeline.Tests.Attribution.Traces;

/// <summary>A span as a test made it.</summary>
internal sealed record SimpleSpan(ulong Id, ulong ParentId, long StartNs, long EndNs, int Service, bool HasFailed, bool IsMatch, bool IsConsumer)
{
    public long DurationNs => EndNs - StartNs;
}

/// <summary>
/// Finds chains the slow way: over all spans of a trace at once, by sets and walks. Follows the description in
/// docs/attribution.md and shares nothing with the code under test.
/// </summary>
internal sealed class NaiveChains
{
    private readonly Dictionary<ulong, SimpleSpan> _spans = [];
    private readonly HashSet<ulong> _cut = [];

    public NaiveChains(IEnumerable<SimpleSpan> spans)
    {
        foreach (var span in spans)
        {
            _spans.TryAdd(span.Id, span);
        }

        var circles = _spans.Values.Select(CircleOf).Where(c => c.Count > 0).ToList();
        foreach (var circle in circles)
        {
            _cut.Add(circle.MinBy(s => (s.StartNs, s.Id))!.Id);
        }
    }

    public int CycleCount => _cut.Count;

    public bool IsComplete => _spans.Values.Any(s => s.ParentId == 0) && _spans.Values.All(s => s.ParentId == 0 || _spans.ContainsKey(s.ParentId));

    /// <summary>The path from the top to the origin; empty where no span matches.</summary>
    public IReadOnlyList<(ulong Id, long StartNs)> Chain(out bool isComplete)
    {
        isComplete = false;
        var matches = _spans.Values.Where(s => s.IsMatch).ToList();
        if (matches.Count == 0)
        {
            return [];
        }

        var failing = _spans.Values.Where(s => s.HasFailed).ToList();
        var first = failing.Where(s => !failing.Any(other => other.Id != s.Id && Above(other).Contains(s)));
        var candidates = first.Where(s => s.IsMatch || Above(s).Any(a => a.IsMatch)).ToList();
        var origin = (candidates.Count > 0 ? candidates : matches)
            .OrderByDescending(s => Above(s).Count()).ThenBy(s => s.EndNs + Shift(s)).ThenBy(s => s.Id).First();
        var path = Above(origin).Reverse().Append(origin).ToList();
        isComplete = path[0].ParentId == 0;
        return [.. path.Select(s => (s.Id, s.StartNs + Shift(s)))];
    }

    private SimpleSpan? Parent(SimpleSpan span) =>
        _cut.Contains(span.Id) || span.ParentId == 0 ? null : _spans.GetValueOrDefault(span.ParentId);

    private IEnumerable<SimpleSpan> Above(SimpleSpan span)
    {
        for (var parent = Parent(span); parent is not null; parent = Parent(parent))
        {
            yield return parent;
        }
    }

    private List<SimpleSpan> CircleOf(SimpleSpan span)
    {
        var seen = new List<SimpleSpan> { span };
        var at = _spans.GetValueOrDefault(span.ParentId);
        while (at is not null && at != span && seen.Count <= _spans.Count)
        {
            seen.Add(at);
            at = _spans.GetValueOrDefault(at.ParentId);
        }

        return at == span ? seen : [];
    }

    // A child of another service, if it is no consumer, is moved by as little as puts it inside its moved parent.
    private long Shift(SimpleSpan span)
    {
        if (Parent(span) is not { } parent)
        {
            return 0;
        }

        var shift = Shift(parent);
        if (span.Service == parent.Service || span.IsConsumer)
        {
            return shift;
        }

        var (from, to) = (parent.StartNs + Shift(parent), parent.EndNs + Shift(parent));
        var (start, end) = (span.StartNs + shift, span.EndNs + shift);
        if (span.DurationNs <= parent.DurationNs)
        {
            return shift + (start < from ? from - start : end > to ? to - end : 0);
        }

        return shift + (start < from || start > to ? from - start : 0);
    }
}
