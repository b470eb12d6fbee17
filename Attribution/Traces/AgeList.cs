namespace TelemetryPipeline.Attribution.Traces;

/// <summary>Traces of a shard from the oldest to the newest, a list through their own records. Not thread-safe.</summary>
/// <param name="traces">The records.</param>
internal sealed class AgeList(PagedSlab<TraceEntry> traces)
{
    private const int None = PagedSlab<TraceEntry>.None;

    private int _newest = None;

    /// <summary>The oldest trace, or -1.</summary>
    public int Oldest { get; private set; } = None;

    /// <summary>Traces in the list.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a trace as the newest.</summary>
    /// <param name="trace">The trace, in no list.</param>
    public void Add(int trace)
    {
        ref var entry = ref traces[trace];
        entry.Older = _newest;
        entry.Newer = None;
        if (_newest == None)
        {
            Oldest = trace;
        }
        else
        {
            traces[_newest].Newer = trace;
        }

        _newest = trace;
        Count++;
    }

    /// <summary>Takes a trace out.</summary>
    /// <param name="trace">A trace of this list.</param>
    public void Remove(int trace)
    {
        ref var entry = ref traces[trace];
        if (entry.Older == None)
        {
            Oldest = entry.Newer;
        }
        else
        {
            traces[entry.Older].Newer = entry.Newer;
        }

        if (entry.Newer == None)
        {
            _newest = entry.Older;
        }
        else
        {
            traces[entry.Newer].Older = entry.Older;
        }

        Count--;
    }
}
