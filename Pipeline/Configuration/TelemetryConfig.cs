using Microsoft.Extensions.Logging;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Pipeline.Configuration;

/// <summary>How much the collector measures about itself.</summary>
public enum MetricsLevel : byte
{
    /// <summary>Nothing; no metrics page.</summary>
    None,

    /// <summary>The essentials.</summary>
    Basic,

    /// <summary>The default.</summary>
    Normal,

    /// <summary>Everything, with distributions.</summary>
    Detailed,
}

/// <summary>The <c>service::telemetry</c> part of a configuration. Immutable; <see cref="ConfigNode"/>-free, so records compare by value.</summary>
public sealed record TelemetryConfig
{
    /// <summary>Key <c>metrics::level</c>.</summary>
    /// <value><c>none</c>, <c>basic</c>, <c>normal</c> or <c>detailed</c>. Default <c>normal</c>.</value>
    public MetricsLevel MetricsLevel { get; init; } = MetricsLevel.Normal;

    /// <summary>Key <c>metrics::readers</c>: where the metrics page is served; empty when nowhere.</summary>
    /// <value>Addresses. Default <c>localhost:8888</c>; none when the level is <c>none</c>.</value>
    public IReadOnlyList<PrometheusEndpoint> PrometheusEndpoints { get; init; } = [PrometheusEndpoint.Default];

    /// <summary>Key <c>logs::level</c>: the least severe log that is written.</summary>
    /// <value><c>debug</c>, <c>info</c>, <c>warn</c> or <c>error</c>. Default <c>info</c>.</value>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>Key <c>logs::encoding</c>: whether a log is a JSON object instead of a line for people.</summary>
    /// <value><c>console</c> or <c>json</c>. Default <c>console</c>.</value>
    public bool LogAsJson { get; init; }

    /// <summary>Key <c>logs::output_paths</c>: whether logs go to standard output too or instead.</summary>
    /// <value><c>stderr</c>, <c>stdout</c>. Default <c>stderr</c>.</value>
    public IReadOnlyList<LogOutput> LogOutputs { get; init; } = [LogOutput.Stderr];

    /// <summary>Key <c>logs::initial_fields</c>: fields that every log carries.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> LogFields { get; init; } = [];

    /// <summary>Key <c>logs::sampling</c>; null when <c>enabled</c> is false.</summary>
    public LogSampling? LogSampling { get; init; } = new(10, 100, TimeSpan.FromSeconds(10));

    /// <summary>Key <c>resource</c>: attributes of the collector itself; a null value takes a default one away.</summary>
    public IReadOnlyList<KeyValuePair<string, string?>> Resource { get; init; } = [];
}

/// <summary>Where the metrics page is served.</summary>
/// <param name="Host">Name or address to listen on.</param>
/// <param name="Port">TCP port; 0 takes a free one.</param>
public sealed record PrometheusEndpoint(string Host, int Port)
{
    /// <summary>Host names, beside those of the endpoint, under which the page may be requested.</summary>
    public AllowedHosts AllowedHosts { get; init; } = AllowedHosts.None;

    /// <summary><c>localhost:8888</c>.</summary>
    public static PrometheusEndpoint Default { get; } = new("localhost", 8888);
}

/// <summary>Where logs go.</summary>
public enum LogOutput : byte
{
    /// <summary>Standard error.</summary>
    Stderr,

    /// <summary>Standard output.</summary>
    Stdout,
}

/// <summary>How repeated logs are thinned: per message and tick, the first ones, then one in every so many.</summary>
/// <param name="Initial">How many are written first.</param>
/// <param name="Thereafter">Then one in this many; 0 drops the rest.</param>
/// <param name="Tick">After which time counting begins anew.</param>
public sealed record LogSampling(int Initial, int Thereafter, TimeSpan Tick);
