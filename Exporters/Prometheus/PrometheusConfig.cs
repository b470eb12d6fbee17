using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Exporters.Prometheus;

/// <summary>Settings of the <c>prometheus</c> exporter. Immutable.</summary>
public sealed record PrometheusConfig
{
    private const int SeriesLimitDefault = 100_000;
    private const int SeriesLimitMax = 10_000_000;
    private static readonly string[] Everything = ["*"];
    private static readonly string[] ServiceAttributes = ["service.name", "service.namespace", "service.instance.id"];

    /// <summary>Where <c>/metrics</c> is served.</summary>
    /// <value>Required.</value>
    public ListenEndpoint Endpoint { get; private init; }

    /// <summary>Key <c>allowed_hosts</c>: host names, beside those of the endpoint, under which pages may be requested.</summary>
    /// <value>Names without a port, <c>*.suffix</c> or <c>*</c>. Default none.</value>
    public AllowedHosts AllowedHosts { get; private init; } = AllowedHosts.None;

    /// <summary>What is put before every metric's name.</summary>
    /// <value>Default empty.</value>
    public string Namespace { get; private init; } = "";

    /// <summary>Labels of every series.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> ConstLabels { get; private init; } = [];

    /// <summary>Whether samples carry the time of their point.</summary>
    /// <value>Default false.</value>
    public bool SendTimestamps { get; private init; }

    /// <summary>How long a series is shown without an update.</summary>
    /// <value>Above 0. Default 5 minutes.</value>
    public TimeSpan MetricExpiration { get; private init; }

    /// <summary>Whether OpenMetrics, and with it exemplars, is offered to scrapers that ask for it.</summary>
    /// <value>Default false.</value>
    public bool EnableOpenMetrics { get; private init; }

    /// <summary>Whether names end in their unit, and those of counters in <c>_total</c>.</summary>
    /// <value>Default true.</value>
    public bool AddSuffixes { get; private init; }

    /// <summary>Whether series are told apart by their instrumentation scope.</summary>
    /// <value>Default true.</value>
    public bool HasScopeInfo { get; private init; }

    /// <summary>Series that are kept at a time.</summary>
    /// <value>1 to 10 000 000. Default 100 000.</value>
    public int SeriesLimit { get; private init; }

    /// <summary>Resource attributes that become labels.</summary>
    internal ResourceLabelRule ResourceLabels { get; private init; } = ResourceLabelRule.None;

    /// <summary>Reads the settings.</summary>
    /// <param name="section">The exporter's section.</param>
    internal static PrometheusConfig Read(ConfigSection section)
    {
        section.Unsupported(
            "the page is served over plain HTTP without authentication; put a proxy in front",
            "tls", "auth", "cors", "include_metadata", "max_request_body_size", "response_headers", "compression_algorithms",
            "read_timeout", "read_header_timeout", "write_timeout", "idle_timeout", "keep_alives_enabled", "middlewares", "transport");
        section.Unsupported("points are taken into memory at once", "sending_queue");
        var text = section.RequiredText("endpoint");
        var endpoint = default(ListenEndpoint);
        if (text.Length > 0 && !ListenEndpoint.TryParse(text, out endpoint, out var problem))
        {
            section.Error("endpoint", $"{problem}, got \"{text}\"");
        }

        return new PrometheusConfig
        {
            Endpoint = endpoint,
            AllowedHosts = AllowedHosts.Read(section),
            Namespace = section.Text("namespace", "")!,
            ConstLabels = section.TextMap("const_labels", isSecret: false),
            SendTimestamps = section.Bool("send_timestamps", defaultValue: false),
            MetricExpiration = section.Duration("metric_expiration", TimeSpan.FromMinutes(5), TimeSpan.FromMilliseconds(1)),
            EnableOpenMetrics = section.Bool("enable_open_metrics", defaultValue: false),
            AddSuffixes = ReadSuffixes(section),
            HasScopeInfo = !section.Bool("without_scope_info", defaultValue: false),
            SeriesLimit = section.Int32("series_limit", SeriesLimitDefault, 1, SeriesLimitMax),
            ResourceLabels = ReadResourceLabels(section),
        };
    }

    private static bool ReadSuffixes(ConfigSection section)
    {
        var add = section.Bool("add_metric_suffixes", defaultValue: true);
        switch (section.Text("translation_strategy", ""))
        {
            case null or "":
                return add;
            case "UnderscoreEscapingWithSuffixes":
                return true;
            case "UnderscoreEscapingWithoutSuffixes":
                return false;
            case var other:
                section.Error(
                    "translation_strategy",
                    $"must be one of UnderscoreEscapingWithSuffixes, UnderscoreEscapingWithoutSuffixes: names are escaped in this build, got \"{other}\"");
                return add;
        }
    }

    private static ResourceLabelRule ReadResourceLabels(ConfigSection section)
    {
        var conversion = section.Section("resource_to_telemetry_conversion");
        var all = conversion.Bool("enabled", defaultValue: false);
        var withoutService = conversion.Bool("exclude_service_attributes", defaultValue: false);
        conversion.Finish();
        var labels = section.Section("resource_constant_labels");
        var included = labels.Texts("included");
        var excluded = labels.Texts("excluded");
        labels.Finish();
        if (included.Count + excluded.Count > 0)
        {
            return new ResourceLabelRule(included.Count == 0 ? Everything : included, excluded);
        }

        return all ? new ResourceLabelRule(Everything, withoutService ? ServiceAttributes : []) : ResourceLabelRule.None;
    }
}
