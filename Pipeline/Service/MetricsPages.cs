using System.Linq;
using Microsoft.Extensions.Logging;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Pipeline.Service;

/// <summary>Serves the process's metrics for Prometheus on the configured addresses.</summary>
/// <param name="metrics">The metrics.</param>
/// <param name="loggers">Where the servers report problems.</param>
internal sealed class MetricsPages(MetricRegistry metrics, ILoggerFactory loggers)
{
    private readonly Dictionary<PrometheusEndpoint, PageServer> _servers = [];

    /// <summary>The servers that listen.</summary>
    public IReadOnlyCollection<PageServer> Servers => _servers.Values;

    /// <summary>Listens on every address that is wanted and not yet listened on.</summary>
    /// <param name="wanted">The addresses.</param>
    /// <param name="cancellation">The start is given up.</param>
    /// <exception cref="ComponentStartException">An address is not free.</exception>
    public async Task OpenAsync(IReadOnlyList<PrometheusEndpoint> wanted, CancellationToken cancellation)
    {
        foreach (var endpoint in wanted)
        {
            if (!_servers.ContainsKey(endpoint))
            {
                var server = new PageServer(new ListenEndpoint(endpoint.Host, endpoint.Port), Render, loggers, endpoint.AllowedHosts);
                await server.StartAsync(cancellation).ConfigureAwait(false);
                _servers.Add(endpoint, server);
            }
        }
    }

    /// <summary>Stops listening on every address that is not wanted.</summary>
    /// <param name="wanted">The addresses to keep.</param>
    /// <param name="cancellation">Running requests are cut off.</param>
    public async Task CloseAllButAsync(IReadOnlyList<PrometheusEndpoint> wanted, CancellationToken cancellation)
    {
        foreach (var endpoint in _servers.Keys.Except(wanted).ToArray())
        {
            await _servers[endpoint].StopAsync(cancellation).ConfigureAwait(false);
            _servers.Remove(endpoint);
        }
    }

    private void Render(PageRequest request, PageAnswer answer)
    {
        if (request.Path == "/metrics")
        {
            answer.StatusCode = 200;
            answer.ContentType = PrometheusText.ContentType;
            PrometheusText.Write(metrics, answer.Body);
        }
        else
        {
            answer.Text(404, "the metrics are at /metrics");
        }
    }
}
