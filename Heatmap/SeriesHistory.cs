namespace TelemetryPipeline.Heatmap;

/// <summary>An hour of one series, compact, with what has changed since the last frame.</summary>
/// <remarks>Thread-safe: one lock a series, taken a few times a second.</remarks>
internal sealed class SeriesHistory
{
    private const int ArrayHeaderSizeBytes = 24;

    // A dense column, an encoded one, the map of changes.
    private const int ScratchSizeBytes = 2048;

    // Room for the hour and for the seconds that senders' clocks are ahead, so that these never displace the oldest.
    internal const int PlaceCount = LatencyGrid.ColumnCount + LatencyGrid.FutureSecondsMax;

    private readonly Lock _lock = new();
    private readonly byte[]?[] _columns = new byte[]?[PlaceCount];
    private readonly uint[] _seconds = new uint[PlaceCount];
    private readonly Dictionary<long, byte[]> _changes = [];
    private readonly DenseColumn _scratch = new();
    private readonly byte[] _encoded = new byte[CompactColumn.SizeBytesMax];
    private readonly Action<long> _sizeChanged;
    private readonly Action<long> _columnChanged;
    private long _expired;
    private long _evicted;
    private long _untaken;
    private int _columnCount;

    /// <summary>An empty history.</summary>
    /// <param name="sizeChanged">Gets bytes taken, negative when freed.</param>
    /// <param name="columnChanged">Gets the second of a column, after it has changed.</param>
    public SeriesHistory(Action<long> sizeChanged, Action<long> columnChanged)
    {
        _columnChanged = columnChanged;
        _sizeChanged = sizeChanged;
        sizeChanged(FixedSizeBytes);
    }

    /// <summary>Memory of a series whose columns are all empty, in bytes.</summary>
    public static long FixedSizeBytes => (PlaceCount * (sizeof(uint) + IntPtr.Size)) + ScratchSizeBytes;

    /// <summary>Spans whose second has left the hour.</summary>
    public long Expired => Interlocked.Read(ref _expired);

    /// <summary>Spans whose second had to make room for others.</summary>
    public long Evicted => Interlocked.Read(ref _evicted);

    /// <summary>Spans whose change nobody took before their second left.</summary>
    public long Untaken => Interlocked.Read(ref _untaken);

    /// <summary>Whether there is no column and no change.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_lock)
            {
                return _columnCount == 0 && _changes.Count == 0;
            }
        }
    }

    /// <summary>Adds counts to a second and to the changes.</summary>
    public void Add(long second, DenseColumn counts)
    {
        lock (_lock)
        {
            if (AddColumn(second, counts))
            {
                _changes.TryGetValue(second, out var former);
                _changes[second] = Merge(former, counts);
            }
        }
    }

    /// <summary>Adds counts that were in a frame before: they are no change.</summary>
    public void Restore(long second, DenseColumn counts)
    {
        lock (_lock)
        {
            AddColumn(second, counts);
        }
    }

    private bool AddColumn(long second, DenseColumn counts)
    {
        var at = (int)(second % PlaceCount);
        var former = _columns[at];
        if (former is not null && _seconds[at] > second)
        {
            Interlocked.Add(ref _expired, (long)counts.Total); // an hour older than what the place holds now
            return false;
        }

        if (former is not null && _seconds[at] < second)
        {
            Interlocked.Add(ref _expired, TotalOf(former));
        }

        _columnCount += former is null ? 1 : 0;
        if (former is not null && _seconds[at] != second)
        {
            _sizeChanged(-SizeOf(former));
            former = null;
        }

        _columns[at] = Merge(former, counts);
        _seconds[at] = (uint)second;
        _columnChanged(second);
        return true;
    }

    // Columns and changes alike are kept compact: after an outage a change may wait for every second of the hour.
    private byte[] Merge(byte[]? former, DenseColumn counts)
    {
        _scratch.Clear();
        if (former is not null)
        {
            CompactColumn.AddTo(former, _scratch);
        }

        _scratch.Add(counts);
        var size = CompactColumn.Encode(_scratch, _encoded);
        var column = former is not null && former.Length == size ? former : new byte[size];
        _encoded.AsSpan(0, size).CopyTo(column);
        _sizeChanged(SizeOf(column) - SizeOf(former));
        return column;
    }

    /// <summary>Adds a second's counts to a column.</summary>
    /// <returns>Whether the series has that second.</returns>
    public bool Read(long second, DenseColumn into)
    {
        lock (_lock)
        {
            var at = (int)(second % PlaceCount);
            if (_columns[at] is not { } column || _seconds[at] != second)
            {
                return false;
            }

            CompactColumn.AddTo(column, into);
            return true;
        }
    }

    /// <summary>Takes what has changed since the last call, up to a second: seconds with the counts added to them, in order.</summary>
    public IReadOnlyList<KeyValuePair<long, DenseColumn>> TakeChanges(long beforeSecond, int limit)
    {
        lock (_lock)
        {
            var seconds = new List<long>();
            foreach (var second in _changes.Keys)
            {
                if (second < beforeSecond)
                {
                    seconds.Add(second);
                }
            }

            seconds.Sort();
            var changes = new List<KeyValuePair<long, DenseColumn>>(Math.Min(seconds.Count, limit));
            foreach (var second in seconds)
            {
                if (changes.Count == limit)
                {
                    break;
                }

                var column = new DenseColumn();
                CompactColumn.AddTo(RemoveChange(second)!, column);
                changes.Add(new(second, column));
            }

            return changes;
        }
    }

    /// <summary>The seconds that have a column, in no order.</summary>
    public void ReadSeconds(ICollection<long> into)
    {
        lock (_lock)
        {
            for (var at = 0; at < _columns.Length; at++)
            {
                if (_columns[at] is not null)
                {
                    into.Add(_seconds[at]);
                }
            }
        }
    }

    /// <summary>The column of a second as it is kept; null where there is none.</summary>
    public byte[]? ReadEncoded(long second)
    {
        lock (_lock)
        {
            var at = (int)(second % PlaceCount);
            return _columns[at] is { } column && _seconds[at] == second ? (byte[])column.Clone() : null;
        }
    }

    /// <summary>Frees the column of a second to make room.</summary>
    public void Evict(long second)
    {
        lock (_lock)
        {
            var at = (int)(second % PlaceCount);
            if (_columns[at] is { } column && _seconds[at] == second)
            {
                Interlocked.Add(ref _evicted, Free(at, column));
                _columnChanged(second);
            }

            DropChange(second);
        }
    }

    /// <summary>Frees the columns that have left the hour.</summary>
    public void Expire(long nowSecond)
    {
        lock (_lock)
        {
            for (var at = 0; at < _columns.Length; at++)
            {
                if (_columns[at] is { } column && _seconds[at] <= nowSecond - LatencyGrid.ColumnCount)
                {
                    DropChange(_seconds[at]);
                    Interlocked.Add(ref _expired, Free(at, column));
                }
            }
        }
    }

    private byte[]? RemoveChange(long second)
    {
        _changes.Remove(second, out var change);
        _sizeChanged(-SizeOf(change));
        return change;
    }

    private void DropChange(long second)
    {
        if (RemoveChange(second) is { } change)
        {
            Interlocked.Add(ref _untaken, TotalOf(change));
        }
    }

    private long Free(int at, byte[] column)
    {
        _columns[at] = null;
        _columnCount--;
        _sizeChanged(-SizeOf(column));
        return TotalOf(column);
    }

    private long TotalOf(byte[] column)
    {
        _scratch.Clear();
        CompactColumn.AddTo(column, _scratch);
        return (long)_scratch.Total;
    }

    private static long SizeOf(byte[]? column) =>
        column is null ? 0 : ArrayHeaderSizeBytes + ((column.Length + 7L) & ~7L);
}
