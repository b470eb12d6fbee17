using System.Collections.Concurrent;
using System.Linq;

namespace TransferServices;

/// <summary>How the transfers ended.</summary>
internal sealed class Tally
{
    private readonly ConcurrentDictionary<string, int> _outcomes = new(StringComparer.Ordinal);

    /// <summary>Counts one.</summary>
    public void Add(Verdict verdict) => _outcomes.AddOrUpdate(verdict.Code ?? "success", 1, static (_, n) => n + 1);

    public override string ToString() =>
        $"{_outcomes.Values.Sum()} transfers: "
        + string.Join(", ", _outcomes.OrderByDescending(o => o.Value).Select(o => $"{o.Value} {o.Key}"));
}
