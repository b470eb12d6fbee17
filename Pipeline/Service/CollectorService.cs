using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Pipeline.Service;

/// <summary>Runs a collector from its configuration until it is told to stop.</summary>
public sealed class CollectorService
{
    /// <summary>A service that does not run yet.</summary>
    /// <param name="registry">The components of this build.</param>
    public CollectorService(ComponentRegistry registry) => ArgumentNullException.ThrowIfNull(registry);

    /// <summary>
    /// Loads the configuration, starts it, reloads it on SIGHUP and when its files change, and drains it on SIGTERM,
    /// SIGINT or <paramref name="cancellation"/>.
    /// </summary>
    /// <param name="sources">Where the configuration comes from.</param>
    /// <param name="cancellation">Ends the run as SIGTERM does.</param>
    /// <returns>The process's exit code: 0 after a stop in order, 1 when the configuration is wrong or the start failed.</returns>
    public Task<int> RunAsync(ConfigSources sources, CancellationToken cancellation) =>
        throw new NotImplementedException($"{sources} {cancellation}");
}
