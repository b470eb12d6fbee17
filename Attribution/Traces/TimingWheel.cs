namespace TelemetryPipeline.Attribution.Traces;

/// <summary>
/// When which trace is due: places of one tick in a ring, each with a list through the traces' own records. Scheduling
/// costs the same for any number of traces. Times beyond one turn stay in their place for another.
/// </summary>
/// <param name="traces">The records.</param>
internal sealed class TimingWheel(PagedSlab<TraceEntry> traces)
{
    /// <summary>Length of a tick in milliseconds.</summary>
    public const int TickMs = 16;

    private const int Places = 2048;
    private const int None = PagedSlab<TraceEntry>.None;

    private readonly int[] _heads = Filled();
    private long _tick;

    /// <summary>Puts a trace where it is due; one that has a place already moves.</summary>
    /// <param name="trace">The trace.</param>
    /// <param name="dueMs">When; what is past is due at the next tick.</param>
    public void Schedule(int trace, long dueMs)
    {
        ref var entry = ref traces[trace];
        Remove(trace);
        entry.DueMs = dueMs;
        var slot = (int)(Math.Max((dueMs + TickMs - 1) / TickMs, _tick + 1) & (Places - 1));
        entry.WheelSlot = slot;
        entry.WheelPrevious = None;
        entry.WheelNext = _heads[slot];
        if (entry.WheelNext != None)
        {
            traces[entry.WheelNext].WheelPrevious = trace;
        }

        _heads[slot] = trace;
    }

    /// <summary>Takes a trace out of its place, if it has one.</summary>
    /// <param name="trace">The trace.</param>
    public void Remove(int trace)
    {
        ref var entry = ref traces[trace];
        if (entry.WheelSlot == None)
        {
            return;
        }

        if (entry.WheelPrevious == None)
        {
            _heads[entry.WheelSlot] = entry.WheelNext;
        }
        else
        {
            traces[entry.WheelPrevious].WheelNext = entry.WheelNext;
        }

        if (entry.WheelNext != None)
        {
            traces[entry.WheelNext].WheelPrevious = entry.WheelPrevious;
        }

        entry.WheelSlot = None;
    }

    /// <summary>Turns the wheel and takes out a trace that is due.</summary>
    /// <param name="nowMs">The time.</param>
    /// <returns>The trace, or -1 when none is due any more.</returns>
    public int NextDue(long nowMs)
    {
        var nowTick = nowMs / TickMs;

        // After a long pause one full turn sees every trace.
        _tick = Math.Max(_tick, nowTick - Places);
        while (true)
        {
            for (var trace = _heads[_tick & (Places - 1)]; trace != None; trace = traces[trace].WheelNext)
            {
                if (traces[trace].DueMs <= nowMs)
                {
                    Remove(trace);
                    return trace;
                }
            }

            if (_tick >= nowTick)
            {
                return None;
            }

            _tick++;
        }
    }

    private static int[] Filled()
    {
        var heads = new int[Places];
        Array.Fill(heads, None);
        return heads;
    }
}
