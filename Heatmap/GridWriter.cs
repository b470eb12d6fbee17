namespace TelemetryPipeline.Heatmap;

/// <summary>A writer's hold on a part of the grid; lives on the stack and must be disposed of.</summary>
public readonly ref struct GridWriter
{
    internal const int OutcomeCount = (int)GridOutcome.NoEnd + 1;

    private readonly GridShard _shard;

    internal GridWriter(GridShard shard) => _shard = shard;

    /// <summary>Counts a span.</summary>
    /// <param name="series">From <see cref="LatencyGrid.Series(ReadOnlySpan{byte})"/>.</param>
    /// <param name="endNs">When it ended, nanoseconds since the Unix epoch.</param>
    /// <param name="latencyNs">How long it took, in nanoseconds.</param>
    /// <returns>What became of it; the refusals are counted.</returns>
    public GridOutcome Record(int series, ulong endNs, long latencyNs) => _shard.Record(series, endNs, latencyNs);

    /// <summary>Counts a span that may stand for its cell.</summary>
    /// <param name="series">From <see cref="LatencyGrid.Series(ReadOnlySpan{byte})"/>.</param>
    /// <param name="span">The span; without a trace id it is only counted.</param>
    /// <returns>What became of it; the refusals are counted.</returns>
    public GridOutcome Record(int series, in LatencyExemplar span) => _shard.Record(series, span);

    /// <summary>Counts a span without a latency among those refused.</summary>
    /// <param name="outcome">Why it has none.</param>
    public void Refuse(GridOutcome outcome) => _shard.Refuse(outcome);

    /// <summary>Gives the part back.</summary>
    public void Dispose() => _shard.Disown();
}
