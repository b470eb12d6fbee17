using TelemetryPipeline.Heatmap.Histograms;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Heatmap;

/// <summary>Settings of the <c>latency_heatmap</c> connector. Immutable.</summary>
public sealed record LatencyHeatmapConfig
{
    /// <summary>Mebibytes of the heat map by default: the budget of the reference requirement.</summary>
    public const int MemoryLimitMibDefault = 42;

    private const long Mebibyte = 1 << 20;
    private const int MemoryLimitMibMax = 65536;

    /// <summary>What series are told apart by, in order.</summary>
    internal HeatmapDimension[] Dimensions { get; private init; } = [];

    /// <summary>Kinds of spans that are counted.</summary>
    internal SpanKindSet SpanKinds { get; private init; }

    /// <summary>Histograms that are taken in.</summary>
    internal HistogramSelection Histograms { get; private init; } = new([]);

    /// <summary>Memory of everything the heat map keeps.</summary>
    /// <value>Bytes, at least 8 MiB. Default 42 MiB.</value>
    public long MemoryLimitBytes { get; private init; }

    /// <summary>The part of it that exemplars may take.</summary>
    /// <value>Bytes, 0 (no exemplars) to half of the whole. Default a quarter of the whole.</value>
    public long ExemplarLimitBytes { get; private init; }

    /// <summary>How far ahead of this clock a span may end.</summary>
    /// <value>Seconds, 0 to 60. Default 2.</value>
    public int FutureSeconds { get; private init; }

    /// <summary>The metric's name in frames.</summary>
    /// <value>Not empty. Default <c>latency.heatmap</c>.</value>
    public string MetricName { get; private init; } = "";

    /// <summary>Where the query API listens; null for nowhere.</summary>
    /// <value>Default <c>localhost:8890</c>.</value>
    public ListenEndpoint? QueryEndpoint { get; private init; }

    /// <summary>Key <c>query::allowed_hosts</c>: host names, beside those of the endpoint, under which pages may be requested.</summary>
    /// <value>Names without a port, <c>*.suffix</c> or <c>*</c>. Default none.</value>
    public AllowedHosts QueryAllowedHosts { get; private init; } = AllowedHosts.None;

    /// <summary>How many may follow the live stream at a time.</summary>
    /// <value>0 to 100. Default 32.</value>
    public int StreamClientsMax { get; private init; }

    /// <summary>The snapshot file; null for none.</summary>
    public string? SnapshotFile { get; private init; }

    /// <summary>How often the snapshot is written.</summary>
    /// <value>1 s or more. Default 60 s.</value>
    public TimeSpan SnapshotInterval { get; private init; }

    /// <summary>Reads the settings.</summary>
    /// <param name="section">The connector's section.</param>
    internal static LatencyHeatmapConfig Read(ConfigSection section)
    {
        var memoryMib = section.Int64("memory_limit_mib", MemoryLimitMibDefault, 8, MemoryLimitMibMax);
        var exemplars = section.Section("exemplars");
        var exemplarMib = exemplars.Float("memory_limit_mib", memoryMib / 4.0, 0, memoryMib / 2.0);
        exemplars.Finish();
        var metricName = section.Text("metric_name", "latency.heatmap")!;
        if (metricName.Length == 0)
        {
            section.Error("metric_name", "must not be empty, got \"\"");
        }

        var query = section.Section("query");
        var snapshot = section.Section("snapshot");
        var config = new LatencyHeatmapConfig
        {
            QueryEndpoint = ReadEndpoint(query),
            QueryAllowedHosts = AllowedHosts.Read(query),
            StreamClientsMax = query.Int32("stream_clients_max", 32, 0, 100),
            SnapshotFile = ReadFile(snapshot),
            SnapshotInterval = snapshot.Duration("interval", TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(1)),
            Dimensions = ReadDimensions(section),
            SpanKinds = ReadKinds(section),
            Histograms = new HistogramSelection(section.Texts(
                "histograms",
                "http.server.request.duration",
                "rpc.server.call.duration",
                "rpc.server.duration",
                "messaging.process.duration")),
            MemoryLimitBytes = memoryMib * Mebibyte,
            ExemplarLimitBytes = (long)(exemplarMib * Mebibyte),
            FutureSeconds = ReadTolerance(section),
            MetricName = metricName,
        };
        query.Finish();
        snapshot.Finish();
        return config;
    }

    private static ListenEndpoint? ReadEndpoint(ConfigSection query)
    {
        var isEnabled = query.Bool("enabled", defaultValue: true);
        var text = query.Text("endpoint", "localhost:8890")!;
        if (!ListenEndpoint.TryParse(text, out var endpoint, out var problem))
        {
            query.Error("endpoint", $"{problem}, got \"{text}\"");
        }

        return isEnabled ? endpoint : null;
    }

    private static string? ReadFile(ConfigSection snapshot)
    {
        var file = snapshot.Text("file");
        if (file is "")
        {
            snapshot.Error("file", "must not be empty, got \"\"");
        }

        return file;
    }

    private static HeatmapDimension[] ReadDimensions(ConfigSection section)
    {
        var dimensions = new List<HeatmapDimension>();
        foreach (var name in section.Texts("dimensions", "service.name", "node_type", HeatmapDimension.SpanKindName))
        {
            if (name.Length == 0 || dimensions.Exists(d => d.Name == name))
            {
                section.Error("dimensions", $"must be keys of attributes, each once and not empty, got \"{name}\"");
                continue;
            }

            dimensions.Add(new HeatmapDimension(name));
        }

        if (dimensions.Count > SeriesKey.DimensionsMax)
        {
            section.Error("dimensions", $"must be at most {SeriesKey.DimensionsMax} keys, got {dimensions.Count}");
            dimensions.RemoveRange(SeriesKey.DimensionsMax, dimensions.Count - SeriesKey.DimensionsMax);
        }

        return [.. dimensions];
    }

    private static SpanKindSet ReadKinds(ConfigSection section)
    {
        var kinds = default(SpanKindSet);
        foreach (var word in section.Texts("span_kinds", "server", "consumer"))
        {
            SpanKind? kind = word switch
            {
                "unspecified" => SpanKind.Unspecified,
                "internal" => SpanKind.Internal,
                "server" => SpanKind.Server,
                "client" => SpanKind.Client,
                "producer" => SpanKind.Producer,
                "consumer" => SpanKind.Consumer,
                _ => null,
            };
            if (kind is null)
            {
                section.Error(
                    "span_kinds", $"must be of unspecified, internal, server, client, producer, consumer, got \"{word}\"");
                continue;
            }

            kinds = kinds.With(kind.Value);
        }

        return kinds;
    }

    private static int ReadTolerance(ConfigSection section)
    {
        var tolerance = section.Duration("future_tolerance", TimeSpan.FromSeconds(2));
        if (tolerance.TotalSeconds > LatencyGrid.FutureSecondsMax || tolerance.Ticks % TimeSpan.TicksPerSecond != 0)
        {
            section.Error("future_tolerance", $"must be whole seconds, 0s to {LatencyGrid.FutureSecondsMax}s, got {tolerance.TotalSeconds}s");
            return 0;
        }

        return (int)tolerance.TotalSeconds;
    }
}
