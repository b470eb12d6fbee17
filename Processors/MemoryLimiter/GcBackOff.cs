namespace TelemetryPipeline.Processors.MemoryLimiter;

/// <summary>Spaces forced collections out while they free too little to be worth their time. Not thread-safe.</summary>
/// <param name="min">Least time between two collections.</param>
/// <param name="max">What that time grows to, doubling, while collections do not help.</param>
/// <param name="step">What a least time of zero grows to first.</param>
internal sealed class GcBackOff(TimeSpan min, TimeSpan max, TimeSpan step)
{
    private readonly TimeSpan _min = min;
    private TimeSpan _interval = min;

    /// <summary>Whether enough time has passed since the last collection.</summary>
    /// <param name="sinceLast">Time since the last collection.</param>
    public bool Allows(TimeSpan sinceLast) => sinceLast >= _interval;

    /// <summary>Notes what a collection brought.</summary>
    /// <param name="helped">Whether it brought the process below the limit.</param>
    public void Note(bool helped)
    {
        if (helped)
        {
            _interval = _min;
            return;
        }

        var doubled = _interval > TimeSpan.Zero ? _interval * 2 : step;
        _interval = doubled < max ? doubled : max;
    }
}
