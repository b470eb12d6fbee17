namespace TelemetryPipeline.Pipeline.Matching;

/// <summary>A set of Unicode code points as sorted, disjoint ranges. Not thread-safe while it is changed.</summary>
internal sealed class CodePointSet
{
    /// <summary>The last code point.</summary>
    public const int Last = 0x10FFFF;

    private List<(int First, int Last)> _ranges = [];
    private bool _isSorted = true;

    /// <summary>The ranges in ascending order; no two of them touch.</summary>
    public IReadOnlyList<(int First, int Last)> Ranges
    {
        get
        {
            Normalize();
            return _ranges;
        }
    }

    /// <summary>Adds the code points from <paramref name="first"/> to <paramref name="last"/>, both included.</summary>
    public CodePointSet Add(int first, int last)
    {
        if (_ranges.Count > 0 && first == _ranges[^1].Last + 1)
        {
            _ranges[^1] = (_ranges[^1].First, last);
            return this;
        }

        _isSorted = _isSorted && (_ranges.Count == 0 || first > _ranges[^1].Last);
        _ranges.Add((first, last));
        return this;
    }

    /// <summary>Adds all code points of another set.</summary>
    public CodePointSet Add(CodePointSet other)
    {
        foreach (var (first, last) in other.Ranges)
        {
            Add(first, last);
        }

        return this;
    }

    /// <summary>The code points that are not in this set.</summary>
    public CodePointSet Negated()
    {
        var negated = new CodePointSet();
        var next = 0;
        foreach (var (first, last) in Ranges)
        {
            if (first > next)
            {
                negated.Add(next, first - 1);
            }

            next = last + 1;
        }

        return next <= Last ? negated.Add(next, Last) : negated;
    }

    /// <summary>This set and every code point that differs from one of its own only by case.</summary>
    public CodePointSet Folded()
    {
        var folded = new CodePointSet().Add(this);
        foreach (var orbit in UnicodeGroups.CaseOrbits)
        {
            foreach (var member in orbit)
            {
                if (Contains(member))
                {
                    foreach (var other in orbit)
                    {
                        folded.Add(other, other);
                    }

                    break;
                }
            }
        }

        return folded;
    }

    /// <summary>Whether a code point is in this set.</summary>
    public bool Contains(int codePoint)
    {
        Normalize();
        var (low, high) = (0, _ranges.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (codePoint > _ranges[middle].Last)
            {
                low = middle + 1;
            }
            else if (codePoint < _ranges[middle].First)
            {
                high = middle - 1;
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    private void Normalize()
    {
        if (_isSorted)
        {
            return;
        }

        _ranges.Sort();
        var merged = new List<(int First, int Last)>(_ranges.Count);
        foreach (var range in _ranges)
        {
            if (merged.Count > 0 && range.First <= merged[^1].Last + 1)
            {
                merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, range.Last));
            }
            else
            {
                merged.Add(range);
            }
        }

        _ranges = merged;
        _isSorted = true;
    }
}
