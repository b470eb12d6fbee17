namespace TelemetryPipeline.Heatmap.Histograms;

/// <summary>Turns points of cumulative streams into what came since the point before.</summary>
/// <remarks>Not thread-safe: the intake holds a lock.</remarks>
/// <param name="memoryLimitBytes">What all streams together may take, in bytes.</param>
internal sealed class CumulativeStreams(long memoryLimitBytes)
{
    private const long IdleSeconds = 3600;

    private readonly Dictionary<ulong, StreamState> _streams = [];
    private ulong _beganNs;
    private long _sizeBytes;

    public int Count => _streams.Count;

    /// <summary>Takes the time from which on streams are seen: the whole of a stream that starts later is known.</summary>
    public void Begin(ulong nowNs) => _beganNs = nowNs;

    /// <summary>Makes a cumulative point into a delta, in place.</summary>
    /// <param name="stream">What the stream is known by.</param>
    /// <param name="point">The point.</param>
    /// <param name="startNs">Its start.</param>
    /// <param name="timeNs">Its time.</param>
    /// <param name="nowSecond">The current second.</param>
    public PointProblem Difference(ulong stream, SourceHistogram point, ulong startNs, ulong timeNs, long nowSecond)
    {
        _streams.TryGetValue(stream, out var former);
        if (former is not null && timeNs <= former.TimeNs)
        {
            return PointProblem.OutOfOrder;
        }

        var state = StreamState.Of(point, startNs, timeNs, nowSecond);
        if (_sizeBytes + state.SizeBytes - (former?.SizeBytes ?? 0) > memoryLimitBytes)
        {
            return PointProblem.TooManyStreams;
        }

        _sizeBytes += state.SizeBytes - (former?.SizeBytes ?? 0);
        _streams[stream] = state;
        if (former is null)
        {
            return startNs >= _beganNs ? PointProblem.None : PointProblem.FirstOfStream;
        }

        // A stream that began anew after its last point holds nothing of it. Without a new start, a count that went
        // down says the same; so do other buckets, but then what is old and what is new cannot be told apart.
        if (startNs > former.StartNs || point.Count < former.Count)
        {
            return startNs >= former.TimeNs || point.Count < former.Count || startNs == 0
                ? PointProblem.None
                : PointProblem.FirstOfStream;
        }

        return point.TrySubtract(former) ? PointProblem.None : PointProblem.FirstOfStream;
    }

    /// <summary>Forgets streams that have not sent for an hour.</summary>
    public void ForgetIdle(long nowSecond)
    {
        foreach (var (stream, state) in _streams)
        {
            if (state.Seen < nowSecond - IdleSeconds)
            {
                _sizeBytes -= state.SizeBytes;
                _streams.Remove(stream);
            }
        }
    }
}
