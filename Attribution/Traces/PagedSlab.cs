using System.Runtime.CompilerServices;

namespace TelemetryPipeline.Attribution.Traces;

/// <summary>
/// Records of one size in pages, given out by index and taken back. Pages are added as long as the budget allows and are
/// kept for reuse, so that steady state allocates nothing. Not thread-safe.
/// </summary>
/// <typeparam name="T">The record.</typeparam>
internal sealed class PagedSlab<T>
    where T : struct
{
    /// <summary>The index that stands for no record.</summary>
    public const int None = -1;

    private const int PageBits = 8;
    private const int PageRecords = 1 << PageBits;

    private readonly MemoryBudget _budget;
    private T[][] _pages = [];
    private int[] _free = [];
    private int _freeCount;

    /// <summary>An empty slab.</summary>
    /// <param name="budget">Where its pages are counted; the first page is taken in any case.</param>
    public PagedSlab(MemoryBudget budget) => _budget = budget;

    /// <summary>What a page takes, in bytes: records, the list of free ones, and the places of the index over them.</summary>
    public static long PageSizeBytes => PageRecords * ((long)Unsafe.SizeOf<T>() + (3 * sizeof(int)));

    /// <summary>Records in use.</summary>
    public int Count => (_pages.Length * PageRecords) - _freeCount;

    /// <summary>A record, valid until it is given back.</summary>
    /// <param name="index">Its index.</param>
    public ref T this[int index] => ref _pages[index >> PageBits][index & (PageRecords - 1)];

    /// <summary>Takes a record; its content is what its former user left.</summary>
    /// <returns>The index, or <see cref="None"/> when the budget is spent.</returns>
    public int Take()
    {
        if (_freeCount == 0 && !TryGrow())
        {
            return None;
        }

        return _free[--_freeCount];
    }

    /// <summary>Gives a record back.</summary>
    /// <param name="index">Its index.</param>
    public void Return(int index) => _free[_freeCount++] = index;

    /// <summary>Gives the memory back to the budget; the slab must not be used any more.</summary>
    public void Release()
    {
        _budget.Return(_pages.Length * PageSizeBytes);
        _pages = [];
        _freeCount = 0;
    }

    private bool TryGrow()
    {
        if (_pages.Length == 0)
        {
            _budget.Take(PageSizeBytes);
        }
        else if (!_budget.TryTake(PageSizeBytes))
        {
            return false;
        }

        var first = _pages.Length * PageRecords;
        Array.Resize(ref _pages, _pages.Length + 1);
        _pages[^1] = new T[PageRecords];
        if (_free.Length < first + PageRecords)
        {
            Array.Resize(ref _free, Math.Max(first + PageRecords, _free.Length * 2));
        }

        // The lowest index on top.
        for (var i = PageRecords - 1; i >= 0; i--)
        {
            _free[_freeCount++] = first + i;
        }

        return true;
    }
}
