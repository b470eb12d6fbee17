namespace TelemetryPipeline.Attribution.Traces;

/// <summary>Finds spans by trace and id: a hash table whose lists lead through the records themselves. Not thread-safe.</summary>
/// <param name="spans">The records.</param>
internal sealed class SpanIndex(PagedSlab<StoredSpan> spans)
{
    /// <summary>The index that stands for no span.</summary>
    public const int None = PagedSlab<StoredSpan>.None;

    private const int PlacesLeast = 256;

    private int[] _heads = Filled(PlacesLeast);
    private int _count;

    /// <summary>The span of a trace with an id, or -1.</summary>
    public int Find(int trace, ulong id)
    {
        var span = _heads[Place(trace, id, _heads.Length)];
        while (span != None)
        {
            ref var stored = ref spans[span];
            if (stored.Id == id && stored.Trace == trace)
            {
                return span;
            }

            span = stored.NextInPlace;
        }

        return None;
    }

    /// <summary>Adds a span whose trace and id are set and not in the table.</summary>
    /// <param name="span">The span.</param>
    public void Add(int span)
    {
        if (_count == _heads.Length)
        {
            Grow();
        }

        _count++;
        Link(_heads, span);
    }

    /// <summary>Removes a span that is in the table.</summary>
    /// <param name="span">The span.</param>
    public void Remove(int span)
    {
        ref var stored = ref spans[span];
        ref var link = ref _heads[Place(stored.Trace, stored.Id, _heads.Length)];
        while (link != span)
        {
            link = ref spans[link].NextInPlace;
        }

        link = stored.NextInPlace;
        _count--;
    }

    private static int Place(int trace, ulong id, int places)
    {
        var mixed = (id ^ ((ulong)(uint)trace * 0x9E37_79B9_7F4A_7C15)) * 0xBF58_476D_1CE4_E5B9;
        return (int)((mixed >> 32) & (ulong)(places - 1));
    }

    private static int[] Filled(int places)
    {
        var heads = new int[places];
        Array.Fill(heads, None);
        return heads;
    }

    private void Link(int[] heads, int span)
    {
        ref var stored = ref spans[span];
        ref var head = ref heads[Place(stored.Trace, stored.Id, heads.Length)];
        stored.NextInPlace = head;
        head = span;
    }

    private void Grow()
    {
        var heads = Filled(_heads.Length * 2);
        foreach (var head in _heads)
        {
            for (var span = head; span != None;)
            {
                var next = spans[span].NextInPlace;
                Link(heads, span);
                span = next;
            }
        }

        _heads = heads;
    }
}
