namespace TelemetryPipeline.Heatmap.Histograms;

/// <summary>The last point of a cumulative stream.</summary>
internal sealed class StreamState
{
    private const int FixedSizeBytes = 240;

    private StreamState(SourceHistogram source, ulong startNs, ulong timeNs, long seen)
    {
        (StartNs, TimeNs, Seen) = (startNs, timeNs, seen);
        (IsExponential, Scale, Offset) = (source.IsExponential, source.Scale, source.Offset);
        (ZeroCount, Count, Sum) = (source.ZeroCount, source.Count, source.Sum);
        Counts = [.. source.Counts];
        Bounds = [.. source.Bounds];
    }

    public ulong StartNs { get; }

    public ulong TimeNs { get; }

    /// <summary>When it came, by the process's own clock, in seconds.</summary>
    public long Seen { get; }

    public bool IsExponential { get; }

    public int Scale { get; }

    public int Offset { get; }

    public ulong ZeroCount { get; }

    public ulong Count { get; }

    public double? Sum { get; }

    public ulong[] Counts { get; }

    public double[] Bounds { get; }

    /// <summary>Memory, in bytes.</summary>
    public long SizeBytes => FixedSizeBytes + (((long)Counts.Length + Bounds.Length) * sizeof(ulong));

    /// <summary>Keeps a point.</summary>
    public static StreamState Of(SourceHistogram source, ulong startNs, ulong timeNs, long seen) => new(source, startNs, timeNs, seen);
}
