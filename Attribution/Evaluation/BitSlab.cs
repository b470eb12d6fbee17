using TelemetryPipeline.Attribution.Traces;

namespace TelemetryPipeline.Attribution.Evaluation;

/// <summary>Sets of predicates, one for each trace that needs it, in pages. Not thread-safe.</summary>
/// <param name="words">Words of a set, 1 or more.</param>
/// <param name="budget">Where the pages are counted. Sets are as many as traces, so that these bound them.</param>
internal sealed class BitSlab(int words, MemoryBudget budget)
{
    private const int PageSets = 128;

    private readonly Stack<int> _free = new();
    private ulong[][] _pages = [];

    private long PageSizeBytes => PageSets * ((words * (long)sizeof(ulong)) + sizeof(int));

    /// <summary>A set.</summary>
    /// <param name="index">Its index.</param>
    public Span<ulong> this[int index] => _pages[index / PageSets].AsSpan(index % PageSets * words, words);

    /// <summary>Takes a set, empty.</summary>
    public int Take()
    {
        if (_free.Count == 0)
        {
            Grow();
        }

        var index = _free.Pop();
        this[index].Clear();
        return index;
    }

    /// <summary>Gives a set back.</summary>
    /// <param name="index">Its index.</param>
    public void Return(int index) => _free.Push(index);

    /// <summary>Gives the memory back to the budget; the slab must not be used any more.</summary>
    public void Release()
    {
        budget.Return(_pages.Length * PageSizeBytes);
        _pages = [];
        _free.Clear();
    }

    private void Grow()
    {
        budget.Take(PageSizeBytes);
        var first = _pages.Length * PageSets;
        Array.Resize(ref _pages, _pages.Length + 1);
        _pages[^1] = new ulong[PageSets * words];
        for (var i = PageSets - 1; i >= 0; i--)
        {
            _free.Push(first + i);
        }
    }
}
