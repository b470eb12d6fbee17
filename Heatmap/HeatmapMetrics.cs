using TelemetryPipeline.Heatmap.Histograms;
using TelemetryPipeline.Heatmap.Query;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Heatmap;

/// <summary>The connector's own metrics.</summary>
internal sealed class HeatmapMetrics
{
    private const string Prefix = "otelcol_connector_latency_heatmap_";

    private readonly MetricRegistry _registry;
    private readonly string _connector;
    private readonly Counter[] _refusedPoints;

    public HeatmapMetrics(ComponentContext context, LatencyGrid grid, long memoryLimitBytes)
    {
        _registry = context.Metrics;
        _connector = context.Id.ToString();
        SkippedSpans = Count("skipped_spans", "Spans of a kind that is not counted.");
        SkippedPoints = Count("skipped_points", "Data points that are no histogram of a latency.");
        CountedPoints = Count("counted_points", "Histogram points that were counted.");
        Frames = Count("frames", "Frames that the next pipeline took.");
        FramePoints = Count("frame_points", "Changed seconds of series in these frames.");
        DroppedStreamClients = Count("dropped_stream_clients", "Followers of the live stream that were cut off because they were too slow.");
        SnapshotFailures = Count("snapshot_failures", "Snapshots that could not be written or restored.");
        var problems = Enum.GetValues<PointProblem>();
        _refusedPoints = new Counter[problems.Length];
        foreach (var problem in problems)
        {
            if (problem != PointProblem.None)
            {
                _refusedPoints[(int)problem] = Count(
                    "refused_points", "Histogram points that were not counted, by reason.", ("reason", LabelOf(problem)));
            }
        }

        Observe(grid, memoryLimitBytes);
    }

    public Counter SkippedSpans { get; }

    public Counter SkippedPoints { get; }

    public Counter CountedPoints { get; }

    public Counter Frames { get; }

    public Counter FramePoints { get; }

    public Counter DroppedStreamClients { get; }

    public Counter SnapshotFailures { get; }

    /// <summary>Shows how many follow the stream.</summary>
    public void ObserveStream(HeatmapStream stream) =>
        Gauge("stream_clients", "Followers of the live stream.", () => stream.ClientCount);

    /// <summary>Counts what became of a histogram's point.</summary>
    public void CountPoint(PointProblem problem) =>
        (problem == PointProblem.None ? CountedPoints : _refusedPoints[(int)problem]).Add(1);

    /// <summary>Points of a frame that the next pipeline refused for good.</summary>
    public Counter RejectedFramePoints(string reason) =>
        Count("rejected_frame_points", "Changed seconds that the next pipeline refused for good, by reason.", ("reason", reason));

    private static string LabelOf(PointProblem problem) => problem switch
    {
        PointProblem.Negative => "negative",
        PointProblem.Malformed => "malformed",
        PointProblem.NoBuckets => "no_buckets",
        PointProblem.Implausible => "implausible",
        PointProblem.Unit => "unit",
        PointProblem.Temporality => "temporality",
        PointProblem.FirstOfStream => "first_of_stream",
        PointProblem.OutOfOrder => "out_of_order",
        PointProblem.TooManyStreams => "too_many_streams",
        _ => "outside_the_hour",
    };

    private void Observe(LatencyGrid grid, long memoryLimitBytes)
    {
        foreach (var (outcome, label) in (ReadOnlySpan<(GridOutcome, string)>)[
            (GridOutcome.TooOld, "too_old"), (GridOutcome.Future, "future"), (GridOutcome.Negative, SpanTiming.Negative.Reason()),
            (GridOutcome.NoStart, SpanTiming.NoStart.Reason()), (GridOutcome.NoEnd, SpanTiming.NoEnd.Reason())])
        {
            Observed("refused_values", "Latencies that were not counted, by reason.", () => grid.CountOf(outcome), ("reason", label));
        }

        Observed("counted_values", "Latencies counted in a cell.", () => grid.CountOf(GridOutcome.Counted));
        Observed("expired_values", "Latencies whose second has left the hour.", () => grid.ExpiredCount());
        Observed("evicted_values", "Latencies whose second made room for others within the hour.", () => grid.EvictedCount());
        Observed("untaken_values", "Latencies whose second left before a frame with them was taken.", () => grid.UntakenCount());
        Observed("evicted_exemplars", "Exemplars that made room for newer ones.", () => grid.Exemplars.EvictedCount);
        Gauge("exemplars", "Exemplars kept.", () => grid.Exemplars.Count);
        Gauge("memory_bytes", "Memory of grid and exemplars.", () => grid.SizeBytes + grid.Exemplars.SizeBytes);
        Gauge("memory_limit_bytes", "What they may take.", () => memoryLimitBytes);
        Gauge("series", "Series in use, the overflow series included.", () => grid.SeriesInUse);
        Gauge("series_limit", "Series that fit into the budget.", () => grid.SeriesMax);
    }

    private Counter Count(string name, string help, params ReadOnlySpan<(string Name, string Value)> labels) =>
        _registry.Counter(Prefix + name, help, [("connector", _connector), .. labels]);

    private void Observed(string name, string help, Func<double> read, params ReadOnlySpan<(string Name, string Value)> labels) =>
        _registry.ObservedCounter(Prefix + name, help, read, [("connector", _connector), .. labels]);

    private void Gauge(string name, string help, Func<double> read) =>
        _registry.Gauge(Prefix + name, help, read, ("connector", _connector));
}
