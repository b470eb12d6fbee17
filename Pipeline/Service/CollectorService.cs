using System.Runtime.InteropServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Pipeline.Service;

/// <summary>Runs a collector from its configuration until it is told to stop.</summary>
public sealed partial class CollectorService
{
    private readonly ConfigLoader _loader;
    private readonly TimeProvider _time;

    // Signals and file changes, taken one after the other; a second reload while one waits is the same reload.
    private readonly Channel<bool> _reloads = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>A service that does not run yet.</summary>
    /// <param name="registry">The components of this build.</param>
    /// <param name="time">The clock; the system's by default.</param>
    public CollectorService(ComponentRegistry registry, TimeProvider? time = null)
    {
        _loader = new ConfigLoader(registry);
        _time = time ?? TimeProvider.System;
    }

    /// <summary>
    /// Loads the configuration, starts it, reloads it on SIGHUP and when its files change, and drains it on SIGTERM,
    /// SIGINT or <paramref name="cancellation"/>. A second signal to stop ends the process at once.
    /// </summary>
    /// <param name="sources">Where the configuration comes from.</param>
    /// <param name="cancellation">Ends the run as SIGTERM does.</param>
    /// <returns>
    /// The process's exit code: 0 after a stop in order; 1 when the configuration is wrong, the start failed, a
    /// component reported a fatal error, or not everything could be stopped in time.
    /// </returns>
    public async Task<int> RunAsync(ConfigSources sources, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var sigterm = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => StopOn(signal, stop));
        using var sigint = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => StopOn(signal, stop));
        using var sighup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            _reloads.Writer.TryWrite(true);
        });

        var loaded = _loader.Load(sources);
        if (loaded.Config is not { } config)
        {
            foreach (var error in loaded.Errors)
            {
                await Console.Error.WriteLineAsync(error.ToString()).ConfigureAwait(false);
            }

            return 1;
        }

        using var logs = new CollectorLogs(_time);
        logs.Apply(config.Service.Telemetry);
        var logger = logs.CreateLogger("service");
        LogWarnings(logger, loaded);
        var isFatal = false;
        var collector = new RunningCollector(logs, _time, health =>
        {
            LogFatalError(logger, health.Id, health.Report.Message);
            isFatal = true;
            stop.Cancel();
        });
        try
        {
            await collector.StartAsync(config, stop.Token).ConfigureAwait(false);
        }
        catch (ComponentStartException e)
        {
            LogNotStarted(logger, e);
            return 1;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return isFatal ? 1 : 0;
        }

        await ReloadUntilStoppedAsync(collector, sources, loaded, logger, stop.Token).ConfigureAwait(false);
        return await collector.StopAsync().ConfigureAwait(false) && !isFatal ? 0 : 1;
    }

    private static void StopOn(PosixSignalContext signal, CancellationTokenSource stop)
    {
        // The second signal takes its default course, which ends the process.
        if (!stop.IsCancellationRequested)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    private static void LogWarnings(ILogger logger, ConfigLoadResult loaded)
    {
        foreach (var warning in loaded.Warnings)
        {
            LogConfigWarning(logger, warning.ToString());
        }
    }

    private async Task ReloadUntilStoppedAsync(
        RunningCollector collector, ConfigSources sources, ConfigLoadResult loaded, ILogger logger, CancellationToken stop)
    {
        var background = new BackgroundWork(logger, collector.Metrics, _time, "service", "service", static (_, _) => { });
        var watcher = new ConfigWatcher(background, () => _reloads.Writer.TryWrite(true));
        watcher.Watch(loaded.Files);
        var watching = watcher.RunAsync(stop);
        try
        {
            while (await _reloads.Reader.ReadAsync(stop).ConfigureAwait(false))
            {
                LogReloading(logger);
                var next = _loader.Load(sources);
                watcher.Watch(next.Files);
                LogWarnings(logger, next);
                await collector.ReloadAsync(next, stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Told to stop, perhaps in the middle of a reload, which then has not taken place.
        }

        await watching.ConfigureAwait(false);
    }
}
