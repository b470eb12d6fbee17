using TelemetryPipeline.Exporters.Alerting.Routing;

namespace TelemetryPipeline.Exporters.Alerting.Grouping;

/// <summary>Which firing groups silence others. Guarded by the book's lock.</summary>
internal sealed class MuteTable
{
    private readonly IReadOnlyList<InhibitRule> _rules;
    private readonly Dictionary<string, HashSet<AlertGroup>>[] _sources;

    public MuteTable(IReadOnlyList<InhibitRule> rules)
    {
        _rules = rules;
        _sources = new Dictionary<string, HashSet<AlertGroup>>[rules.Count];
        for (var i = 0; i < rules.Count; i++)
        {
            _sources[i] = new Dictionary<string, HashSet<AlertGroup>>(StringComparer.Ordinal);
        }
    }

    /// <summary>A group fires.</summary>
    /// <param name="group">The group.</param>
    public void Add(AlertGroup group)
    {
        for (var i = 0; i < _rules.Count; i++)
        {
            if (_rules[i].IsSource(group.Labels))
            {
                var key = _rules[i].KeyOf(group.Labels);
                if (!_sources[i].TryGetValue(key, out var groups))
                {
                    _sources[i].Add(key, groups = []);
                }

                groups.Add(group);
            }
        }
    }

    /// <summary>A group fires no more.</summary>
    /// <param name="group">The group.</param>
    public void Remove(AlertGroup group)
    {
        for (var i = 0; i < _rules.Count; i++)
        {
            if (_rules[i].IsSource(group.Labels) && _rules[i].KeyOf(group.Labels) is var key
                && _sources[i].TryGetValue(key, out var groups) && groups.Remove(group) && groups.Count == 0)
            {
                _sources[i].Remove(key);
            }
        }
    }

    /// <summary>A group that silences this one: one that everybody was told of where there is one; null when nothing does.</summary>
    /// <param name="group">The group.</param>
    public AlertGroup? Find(AlertGroup group)
    {
        AlertGroup? found = null;
        for (var i = 0; i < _rules.Count; i++)
        {
            if (_rules[i].IsTarget(group.Labels) && _sources[i].TryGetValue(_rules[i].KeyOf(group.Labels), out var groups))
            {
                foreach (var source in groups)
                {
                    if (source.IsToldToAll)
                    {
                        return source;
                    }

                    found = source;
                }
            }
        }

        return found;
    }
}
