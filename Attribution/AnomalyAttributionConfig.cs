using TelemetryPipeline.Attribution.Evaluation;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Attribution;

/// <summary>Settings of the <c>anomaly_attribution</c> connector. Immutable.</summary>
public sealed record AnomalyAttributionConfig
{
    private const long Mebibyte = 1 << 20;

    /// <summary>Paths of the rule files; the last part may have <c>*</c> and <c>?</c>.</summary>
    /// <value>None stands for the shipped rules, which is the default.</value>
    public IReadOnlyList<string> RulesFiles { get; private init; } = [];

    /// <summary>How often the files are looked at for changes.</summary>
    /// <value>1 s or more; 0 for never. Default 5 s.</value>
    public TimeSpan ReloadInterval { get; private init; }

    /// <summary>Events that may wait while the next pipeline does not take them.</summary>
    /// <value>1 to 1 000 000. Default 10 000.</value>
    public int EventQueueSize { get; private init; }

    /// <summary>Where <c>/api/rules</c> listens; null for nowhere.</summary>
    /// <value>Default <c>localhost:8891</c>.</value>
    public ListenEndpoint? QueryEndpoint { get; private init; }

    /// <summary>Key <c>query::allowed_hosts</c>: host names, beside those of the endpoint, under which pages may be requested.</summary>
    /// <value>Names without a port, <c>*.suffix</c> or <c>*</c>. Default none.</value>
    public AllowedHosts QueryAllowedHosts { get; private init; } = AllowedHosts.None;

    /// <summary>How traces are evaluated.</summary>
    internal AttributionSettings Evaluation { get; private init; } = new();

    /// <summary>Reads the settings.</summary>
    /// <param name="section">The connector's section.</param>
    internal static AnomalyAttributionConfig Read(ConfigSection section)
    {
        var query = section.Section("query");
        var windows = section.Section("windows");
        var baseline = section.Section("baseline");
        var config = new AnomalyAttributionConfig
        {
            RulesFiles = ReadFiles(section),
            ReloadInterval = ReadReload(section),
            EventQueueSize = section.Int32("event_queue_size", 10_000, 1, 1_000_000),
            QueryEndpoint = ReadEndpoint(query),
            QueryAllowedHosts = AllowedHosts.Read(query),
            Evaluation = new AttributionSettings
            {
                DecisionWait = Positive(section, "decision_wait", TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(10)),
                QuietTime = Positive(section, "quiet_time", TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)),
                LateWait = Positive(section, "late_wait", TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(60)),
                TracesMax = section.Int32("max_traces", 100_000, 64, 50_000_000),
                BytesMax = section.Int64("max_bytes", 64 * Mebibyte, 16 * Mebibyte, 1L << 40),
                SpansPerTraceMax = section.Int32("max_spans_per_trace", 2048, 1, 1_000_000),
                ClockSkewTolerance = section.Duration("clock_skew_tolerance", TimeSpan.FromMilliseconds(5)),
                EmitsShadow = section.Bool("shadow_events", defaultValue: true),
                GroupsMax = section.Int32("max_groups", 10_000, 1, 10_000_000),
                WindowTracesMax = windows.Int32("max_traces", 100_000, 1, 50_000_000),
                WindowUpdate = windows.Duration("update_interval", TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(1)),
                BaselineSpansLeast = baseline.Int32("min_spans", 200, 1, 1_000_000_000),
            },
        };
        query.Finish();
        windows.Finish();
        baseline.Finish();
        return config;
    }

    /// <summary>Reads the paths of rule files.</summary>
    /// <param name="section">The component's section.</param>
    internal static IReadOnlyList<string> ReadFiles(ConfigSection section)
    {
        var files = section.Texts("rules_file");
        foreach (var file in files)
        {
            if (file.Length == 0)
            {
                section.Error("rules_file", "must be a path, a path with * in its last part, or a list of them, got \"\"");
            }
        }

        return files;
    }

    /// <summary>Reads how often rule files are looked at.</summary>
    /// <param name="section">The component's section.</param>
    internal static TimeSpan ReadReload(ConfigSection section)
    {
        var interval = section.Duration("reload_interval", TimeSpan.FromSeconds(5));
        if (interval > TimeSpan.Zero && interval < TimeSpan.FromSeconds(1))
        {
            section.Error("reload_interval", $"must be 0s (never) or 1s or more, got {interval.TotalSeconds}s");
        }

        return interval;
    }

    private static TimeSpan Positive(ConfigSection section, string key, TimeSpan defaultValue, TimeSpan max)
    {
        var value = section.Duration(key, defaultValue, TimeSpan.FromMilliseconds(1));
        if (value > max)
        {
            section.Error(key, $"must be at most {max.TotalSeconds}s, got {value.TotalSeconds}s");
            return defaultValue;
        }

        return value;
    }

    private static ListenEndpoint? ReadEndpoint(ConfigSection query)
    {
        var isEnabled = query.Bool("enabled", defaultValue: true);
        var text = query.Text("endpoint", "localhost:8891")!;
        if (!ListenEndpoint.TryParse(text, out var endpoint, out var problem))
        {
            query.Error("endpoint", $"{problem}, got \"{text}\"");
        }

        return isEnabled ? endpoint : null;
    }
}
