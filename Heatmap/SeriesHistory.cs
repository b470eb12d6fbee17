namespace TelemetryPipeline.Heatmap;

/// <summary>An hour of one series, compact, with what has changed since the last frame.</summary>
/// <remarks>Thread-safe: one lock a series, taken a few times a second.</remarks>
internal sealed class SeriesHistory
{
    private const int ArrayHeaderSizeBytes = 24;

    // Room for the hour and for the seconds that senders' clocks are ahead, so that these never displace the oldest.
    private const int PlaceCount = LatencyGrid.ColumnCount + LatencyGrid.FutureSecondsMax;

    private readonly Lock _lock = new();
    private readonly byte[]?[] _columns = new byte[]?[PlaceCount];
    private readonly uint[] _seconds = new uint[PlaceCount];
    private readonly Dictionary<long, DenseColumn> _changes = [];
    private readonly DenseColumn _scratch = new();
    private readonly byte[] _encoded = new byte[CompactColumn.SizeBytesMax];
    private readonly Action<long> _sizeChanged;
    private long _expired;

    public SeriesHistory(Action<long> sizeChanged)
    {
        _sizeChanged = sizeChanged;
        sizeChanged(FixedSizeBytes);
    }

    /// <summary>Memory of a series whose columns are all empty, in bytes.</summary>
    public static long FixedSizeBytes => PlaceCount * (sizeof(uint) + IntPtr.Size);

    /// <summary>Spans whose second has left the hour.</summary>
    public long Expired => Interlocked.Read(ref _expired);

    /// <summary>Adds counts to a second and to the changes.</summary>
    public void Add(long second, DenseColumn counts)
    {
        lock (_lock)
        {
            var at = (int)(second % PlaceCount);
            var former = _columns[at];
            if (former is not null && _seconds[at] > second)
            {
                Interlocked.Add(ref _expired, (long)counts.Total); // an hour older than what the place holds now
                return;
            }

            if (former is not null && _seconds[at] < second)
            {
                CountExpired(former);
            }

            _scratch.Clear();
            if (former is not null && _seconds[at] == second)
            {
                CompactColumn.AddTo(former, _scratch);
            }

            _scratch.Add(counts);
            var size = CompactColumn.Encode(_scratch, _encoded);
            var column = former is not null && former.Length == size ? former : new byte[size];
            _encoded.AsSpan(0, size).CopyTo(column);
            _columns[at] = column;
            _seconds[at] = (uint)second;
            _sizeChanged(SizeOf(column) - SizeOf(former));

            if (!_changes.TryGetValue(second, out var change))
            {
                _changes[second] = change = new DenseColumn();
            }

            change.Add(counts);
        }
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

    /// <summary>Takes what has changed since the last call: seconds with the counts added to them.</summary>
    public IReadOnlyList<KeyValuePair<long, DenseColumn>> TakeChanges()
    {
        lock (_lock)
        {
            var changes = new List<KeyValuePair<long, DenseColumn>>(_changes);
            _changes.Clear();
            return changes;
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
                    _columns[at] = null;
                    CountExpired(column);
                    _sizeChanged(-SizeOf(column));
                }
            }
        }
    }

    private void CountExpired(byte[] column)
    {
        _scratch.Clear();
        CompactColumn.AddTo(column, _scratch);
        Interlocked.Add(ref _expired, (long)_scratch.Total);
    }

    private static long SizeOf(byte[]? column) =>
        column is null ? 0 : ArrayHeaderSizeBytes + ((column.Length + 7L) & ~7L);
}
