using Microsoft.Extensions.Logging;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Pipeline.Configuration;

/// <summary>Reads the <c>service::telemetry</c> part of a document.</summary>
internal static class TelemetryReader
{
    private const int PortMax = 65535;

    /// <summary>Reads the part.</summary>
    /// <param name="section">The section.</param>
    public static TelemetryConfig Read(ConfigSection section)
    {
        var config = ReadLogs(section.Section("logs"), ReadMetrics(section.Section("metrics"), new TelemetryConfig()));
        CheckTraces(section);
        config = config with { Resource = ReadResource(section.Section("resource")) };
        section.Finish();
        return config;
    }

    private static TelemetryConfig ReadMetrics(ConfigSection section, TelemetryConfig config)
    {
        var level = section.Word(
            "level",
            config.MetricsLevel,
            StringComparison.OrdinalIgnoreCase,
            ("none", MetricsLevel.None),
            ("basic", MetricsLevel.Basic),
            ("normal", MetricsLevel.Normal),
            ("detailed", MetricsLevel.Detailed));
        var endpoints = section.Has("readers") ? ReadReaders(section) : config.PrometheusEndpoints;
        if (section.Has("address"))
        {
            endpoints = ReadAddress(section, endpoints);
        }

        if (level != MetricsLevel.None && endpoints.Count == 0 && section.Node("readers") is ConfigList { Items.Count: 0 })
        {
            section.Error("readers", "collector telemetry metrics reader should exist when metric level is not none");
        }

        section.Unsupported("the names and labels of the collector's own metrics are fixed", "views", "exemplar_filter");
        section.Finish();
        return config with { MetricsLevel = level, PrometheusEndpoints = level == MetricsLevel.None ? [] : endpoints };
    }

    // The Collector has ignored the address since v0.123; we serve the page there, which is what it says.
    private static IReadOnlyList<PrometheusEndpoint> ReadAddress(ConfigSection section, IReadOnlyList<PrometheusEndpoint> endpoints)
    {
        var address = section.RequiredText("address");
        if (section.Has("readers"))
        {
            section.Error("address", "must not be set beside readers; leave it out");
            return endpoints;
        }

        var colon = address.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(address.AsSpan(colon + 1), out var port))
        {
            section.Error("address", $"must be host:port, got \"{ConfigWords.Shorten(address)}\"");
            return endpoints;
        }

        section.Warning("address", "deprecated (the Collector ignores it); use readers with a pull reader");
        var host = address[..colon].Trim('[', ']');
        return [new PrometheusEndpoint(host.Length == 0 ? "0.0.0.0" : host, port)];
    }

    private static List<PrometheusEndpoint> ReadReaders(ConfigSection section)
    {
        var endpoints = new List<PrometheusEndpoint>();
        foreach (var reader in section.Sections("readers"))
        {
            reader.Unsupported("use a pull reader and scrape the metrics page", "periodic");
            if (reader.Has("pull"))
            {
                endpoints.Add(ReadPull(reader.Section("pull")));
            }
            else if (!reader.Has("periodic"))
            {
                reader.Error("", "must have a pull reader");
            }

            reader.Finish();
        }

        return endpoints;
    }

    private static PrometheusEndpoint ReadPull(ConfigSection pull)
    {
        pull.Unsupported("the collector's own metrics need neither", "producers", "cardinality_limits");
        var exporters = pull.Section("exporter");
        var key = exporters.Has("prometheus/development") ? "prometheus/development" : "prometheus";
        if (!exporters.Has(key))
        {
            exporters.Error("", "must have a prometheus exporter");
        }

        var exporter = exporters.Section(key);
        var endpoint = new PrometheusEndpoint(
            exporter.Text("host", PrometheusEndpoint.Default.Host)!,
            exporter.Int32("port", PrometheusEndpoint.Default.Port, 0, PortMax))
        {
            AllowedHosts = AllowedHosts.Read(exporter),
        };
        if (endpoint.Host.Length == 0)
        {
            exporter.Error("host", "must not be empty, got \"\"");
        }

        foreach (var option in (string[])["without_scope_info", "without_units", "without_type_suffix"])
        {
            RequireValue(exporter, option, true, "names and labels are fixed, without suffixes and scope");
        }

        exporter.Unsupported(
            "names and labels are fixed, without suffixes and scope", "with_resource_constant_labels", "translation_strategy");
        exporter.Finish();
        exporters.Finish();
        pull.Finish();
        return endpoint;
    }

    private static TelemetryConfig ReadLogs(ConfigSection section, TelemetryConfig config)
    {
        var level = section.Word(
            "level",
            config.LogLevel,
            StringComparison.OrdinalIgnoreCase,
            ("debug", LogLevel.Debug),
            ("info", LogLevel.Information),
            ("warn", LogLevel.Warning),
            ("error", LogLevel.Error));
        var logAsJson = section.Word("encoding", false, ("console", false), ("json", true));
        var outputs = ReadOutputs(section, "output_paths", config.LogOutputs);
        ReadOutputs(section, "error_output_paths", [LogOutput.Stderr]);
        var fields = section.TextMap("initial_fields", isSecret: false);
        RequireValue(section, "development", false, "there is one way of logging");
        RequireValue(section, "disable_caller", true, "logs name the component, not a line of code");
        RequireValue(section, "disable_stacktrace", true, "errors are logged without a stack trace");
        section.Unsupported("logs go to standard error or output only", "processors", "disable_zap_resource");
        var sampling = ReadSampling(section.Section("sampling"), config.LogSampling!);
        section.Finish();
        return config with
        {
            LogLevel = level,
            LogAsJson = logAsJson,
            LogOutputs = outputs,
            LogFields = fields,
            LogSampling = sampling,
        };
    }

    private static IReadOnlyList<LogOutput> ReadOutputs(ConfigSection section, string key, IReadOnlyList<LogOutput> defaults)
    {
        var outputs = new List<LogOutput>();
        foreach (var text in section.Texts(key))
        {
            switch (text)
            {
                case "stderr":
                    outputs.Add(LogOutput.Stderr);
                    break;
                case "stdout":
                    outputs.Add(LogOutput.Stdout);
                    break;
                default:
                    section.Error(key, $"must be stderr or stdout (files are not supported by this build), got \"{ConfigWords.Shorten(text)}\"");
                    break;
            }
        }

        return outputs.Count == 0 ? defaults : outputs;
    }

    private static LogSampling? ReadSampling(ConfigSection section, LogSampling defaults)
    {
        var enabled = section.Bool("enabled", true);
        var sampling = new LogSampling(
            section.Int32("initial", defaults.Initial, 0),
            section.Int32("thereafter", defaults.Thereafter, 0),
            section.Duration("tick", defaults.Tick, TimeSpan.FromMilliseconds(1)));
        section.Finish();
        return enabled ? sampling : null;
    }

    // The collector does not trace itself; saying so is allowed.
    private static void CheckTraces(ConfigSection section)
    {
        if (section.Node("traces") is not ConfigMap { Entries: [{ Key: "level" }] })
        {
            section.Unsupported("the collector does not trace itself; only level: none is allowed", "traces");
            return;
        }

        var traces = section.Section("traces");
        if (!"none".Equals(traces.Text("level"), StringComparison.OrdinalIgnoreCase))
        {
            traces.Error("level", "not supported by this build: the collector does not trace itself; only none is allowed");
        }
    }

    // Both forms of the Collector: attributes as keys, and the list of the declarative configuration.
    private static List<KeyValuePair<string, string?>> ReadResource(ConfigSection section)
    {
        var attributes = new List<KeyValuePair<string, string?>>();
        if (section.Node("attributes") is ConfigList)
        {
            section.Unsupported("attributes come from the configuration", "detectors", "detection/development", "attributes_list");
            section.Text("schema_url");
            foreach (var attribute in section.Sections("attributes"))
            {
                attributes.Add(new(attribute.RequiredText("name"), attribute.Text("value")));
                attribute.Word("type", true, ("string", true));
                attribute.Finish();
            }

            section.Finish();
            return attributes;
        }

        foreach (var entry in section.Entries())
        {
            attributes.Add(new(entry.Key, section.Text(entry.Key)));
        }

        return attributes;
    }

    private static void RequireValue(ConfigSection section, string key, bool required, string why)
    {
        if (section.Bool(key, required) != required)
        {
            section.Error(key, $"not supported by this build: {why}; only {(required ? "true" : "false")} is allowed");
        }
    }
}
