using System.Linq;
using Microsoft.Extensions.Logging;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Pipeline.Graph;

namespace TelemetryPipeline.Pipeline.Service;

/// <summary>A collector apart from its process: a graph, its metrics pages, and the change from one configuration to the next.</summary>
/// <remarks>Not thread-safe: start, reloads and stop come one after the other.</remarks>
internal sealed partial class RunningCollector
{
    // Beyond the time for draining: what a component may take to let go once it is told that the time is over.
    private static readonly TimeSpan LetGoLimit = TimeSpan.FromSeconds(5);

    private readonly CollectorLogs _logs;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly GraphContext _surroundings;
    private readonly MetricsPages _pages;
    private readonly Counter _reloadFailures;
    private PipelineGraph? _graph;
    private bool _lastReloadSucceeded = true;

    /// <summary>A collector that does not run yet.</summary>
    /// <param name="logs">Its logs.</param>
    /// <param name="time">The clock.</param>
    /// <param name="onFatalError">Called when a component reports that the process cannot go on.</param>
    public RunningCollector(CollectorLogs logs, TimeProvider time, Action<ComponentHealth> onFatalError)
    {
        _logs = logs;
        _time = time;
        _logger = logs.CreateLogger("service");
        Metrics = new MetricRegistry();
        ProcessMetrics.AddTo(Metrics, time);
        _reloadFailures = Metrics.Counter(
            "otelcol_config_reload_failures", "Reloads that failed; the configuration before them runs on.");
        Metrics.Gauge(
            "otelcol_config_last_reload_successful",
            "1 when the last reload took effect or there was none, 0 when it failed.",
            () => _lastReloadSucceeded ? 1 : 0);
        Status = new CollectorStatus { StartedAt = time.GetUtcNow() };
        _surroundings = new GraphContext
        {
            Metrics = Metrics,
            LoggersOf = logs.Of,
            Collector = Status,
            OnFatalError = onFatalError,
            Time = time,
        };
        _pages = new MetricsPages(Metrics, logs);
    }

    /// <summary>The process's own metrics.</summary>
    public MetricRegistry Metrics { get; }

    /// <summary>The collector as extensions show it.</summary>
    public CollectorStatus Status { get; }

    /// <summary>The servers of the metrics page.</summary>
    public IReadOnlyCollection<PageServer> MetricsServers => _pages.Servers;

    /// <summary>Starts the pipelines of a configuration.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="cancellation">The start is given up.</param>
    /// <exception cref="ComponentStartException">A component cannot start; nothing is left running.</exception>
    public async Task StartAsync(CollectorConfig config, CancellationToken cancellation)
    {
        _logs.Apply(config.Service.Telemetry);
        var graph = PipelineGraph.Build(config, _surroundings);
        graph.ShowIn(Status);
        try
        {
            await _pages.OpenAsync(config.Service.Telemetry.PrometheusEndpoints, cancellation).ConfigureAwait(false);
            await graph.StartAsync(cancellation).ConfigureAwait(false);
        }
        catch
        {
            await _pages.CloseAllButAsync([], CancellationToken.None).ConfigureAwait(false);
            throw;
        }

        _graph = graph;
        Status.IsRunning = true;
        LogRunning(_logger, config.Service.Pipelines.Count);
    }

    /// <summary>Goes over to another configuration; when that fails, everything stays as it is.</summary>
    /// <param name="loaded">What became of loading it.</param>
    /// <param name="cancellation">The reload is given up.</param>
    /// <returns>Whether the new configuration runs now.</returns>
    public async Task<bool> ReloadAsync(ConfigLoadResult loaded, CancellationToken cancellation)
    {
        if (loaded.Config is not { } config)
        {
            foreach (var error in loaded.Errors)
            {
                LogConfigError(_logger, error.ToString());
            }

            Failed($"{loaded.Errors.Count} errors in the configuration", null);
            return false;
        }

        var telemetry = config.Service.Telemetry;
        var former = _graph!.Parts.Config.Service.Telemetry.PrometheusEndpoints;
        try
        {
            await _pages.OpenAsync(telemetry.PrometheusEndpoints, cancellation).ConfigureAwait(false);
            var swap = new GraphSwap(_graph, _surroundings, _logger);
            _graph = await swap.RunAsync(config, config.Service.ShutdownTimeout, cancellation).ConfigureAwait(false);
        }
        catch (ComponentStartException e)
        {
            await _pages.CloseAllButAsync(former, CancellationToken.None).ConfigureAwait(false);
            Failed("something in the new configuration cannot start", e);
            return false;
        }

        _graph.ShowIn(Status);
        await _pages.CloseAllButAsync(telemetry.PrometheusEndpoints, CancellationToken.None).ConfigureAwait(false);
        _logs.Apply(telemetry);
        _lastReloadSucceeded = true;
        var parts = _graph.Parts;
        LogReloaded(_logger, parts.Kept.Count, parts.All().Count() - parts.Kept.Count);
        return true;
    }

    /// <summary>Drains and stops everything within <c>service::shutdown_timeout</c>.</summary>
    /// <returns>Whether everything stopped in order.</returns>
    public async Task<bool> StopAsync()
    {
        Status.IsRunning = false;
        var inOrder = true;
        if (_graph is { } graph)
        {
            var limit = graph.Parts.Config.Service.ShutdownTimeout;
            LogStopping(_logger, limit);
            using var drain = new CancellationTokenSource(limit, _time);
            try
            {
                await graph.StopAsync(drain.Token).WaitAsync(limit + LetGoLimit, _time, CancellationToken.None)
                    .ConfigureAwait(false);
                LogStopped(_logger);
            }
            catch (TimeoutException)
            {
                LogStuck(_logger, limit + LetGoLimit);
                inOrder = false;
            }
            catch (AggregateException e)
            {
                LogStopFailed(_logger, e);
                inOrder = false;
            }
        }

        _graph = null;
        await _pages.CloseAllButAsync([], new CancellationToken(canceled: true)).ConfigureAwait(false);
        return inOrder;
    }

    private void Failed(string why, Exception? exception)
    {
        _lastReloadSucceeded = false;
        _reloadFailures.Add(1);
        LogReloadFailed(_logger, why, exception);
    }
}
