namespace TelemetryPipeline.Attribution.Evaluation;

/// <summary>The rules in force, and former ones that traces are still evaluated by. Reading is lock-free.</summary>
internal sealed class GenerationList
{
    private readonly Lock _lock = new();
    private volatile RuleGeneration[] _all = [];
    private volatile RuleGeneration? _current;

    /// <summary>The rules in force.</summary>
    public RuleGeneration Current => _current ?? throw new InvalidOperationException("no rules are loaded");

    /// <summary>Whether rules are in force.</summary>
    public bool HasCurrent => _current is not null;

    /// <summary>Sets of rules that are in use.</summary>
    public int Count => _all.Length;

    /// <summary>Puts a set of rules in force.</summary>
    /// <param name="generation">The set.</param>
    public void Begin(RuleGeneration generation)
    {
        lock (_lock)
        {
            _all = [.. _all, generation];
            _current = generation;
        }
    }

    /// <summary>The set with a number; null when it is not in use any more.</summary>
    /// <param name="number">The number.</param>
    public RuleGeneration? Find(int number)
    {
        var current = Current;
        if (current.Number == number)
        {
            return current;
        }

        foreach (var generation in _all)
        {
            if (generation.Number == number)
            {
                return generation;
            }
        }

        return null;
    }

    /// <summary>Forgets former sets that nothing is evaluated by any more.</summary>
    /// <param name="isHeld">Whether a thread works with a set.</param>
    public void Prune(Func<RuleGeneration, bool> isHeld)
    {
        lock (_lock)
        {
            if (_all.Length == 1)
            {
                return;
            }

            // Who holds a set may be about to open a trace under it; so first who holds it, then what it has.
            var kept = new List<RuleGeneration>();
            foreach (var generation in _all)
            {
                if (generation == _current || isHeld(generation) || generation.TraceCount > 0)
                {
                    kept.Add(generation);
                }
                else
                {
                    generation.Release();
                }
            }

            _all = [.. kept];
        }
    }
}
