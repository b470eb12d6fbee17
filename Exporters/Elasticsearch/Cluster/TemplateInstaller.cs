using System.Linq;
using TelemetryPipeline.Exporters.Elasticsearch.Documents;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Exporters.Elasticsearch.Cluster;

/// <summary>Installs lifecycle, ingest pipeline and index templates, in the order in which they refer to each other.</summary>
/// <param name="config">The settings.</param>
/// <param name="signals">The exporter's signals.</param>
/// <param name="ask">Sends a request to the cluster.</param>
/// <param name="events">Logs.</param>
internal sealed class TemplateInstaller(
    ElasticsearchConfig config,
    IReadOnlyList<Signal> signals,
    Func<HttpMethod, string, ReadOnlyMemory<byte>, CancellationToken, ValueTask<ClusterAnswer>> ask,
    ServerEvents events)
{
    /// <summary>The name of the lifecycle policy and the ingest pipeline, and the beginning of the templates' names.</summary>
    public const string Name = "telemetry-pipeline";

    /// <summary>Installs everything.</summary>
    /// <param name="version">The cluster.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Accepted also where the cluster refuses something for good, which is logged; else Retry.</returns>
    public async ValueTask<ConsumeResult> InstallAsync(ServerVersion version, CancellationToken cancellation)
    {
        var templates = new IndexTemplates(config, version);
        var hasLifecycle = false;
        if (config.Templates.LifecycleEnabled)
        {
            var path = version.IsOpenSearch ? $"/_plugins/_ism/policies/{Name}" : $"/_ilm/policy/{Name}";
            (var failure, hasLifecycle) = await PutAsync(path, templates.Lifecycle(), cancellation).ConfigureAwait(false);
            if (!failure.IsAccepted)
            {
                return failure;
            }
        }

        if (config.Templates.IngestTimestamp)
        {
            var (failure, _) = await PutAsync($"/_ingest/pipeline/{Name}", IndexTemplates.IngestPipeline(), cancellation)
                .ConfigureAwait(false);
            if (!failure.IsAccepted)
            {
                return failure;
            }
        }

        foreach (var type in Types())
        {
            var (failure, _) = await PutAsync(
                $"/_index_template/{Name}-{IndexTemplates.NameOf(type)}", templates.Template(type, hasLifecycle), cancellation)
                .ConfigureAwait(false);
            if (!failure.IsAccepted)
            {
                return failure;
            }
        }

        return config.DeadLetterIndex.Length == 0
            ? ConsumeResult.Accepted
            : (await PutAsync($"/_index_template/{Name}-dead-letters", templates.DeadLetters(), cancellation).ConfigureAwait(false)).Failure;
    }

    // Spans bring log documents with them: their events.
    private List<StreamType> Types()
    {
        var types = new List<StreamType>();
        if (signals.Contains(Signal.Traces))
        {
            types.Add(StreamType.Traces);
        }

        if (signals.Contains(Signal.Metrics))
        {
            types.Add(StreamType.Metrics);
        }

        if (signals.Contains(Signal.Traces) || signals.Contains(Signal.Logs))
        {
            types.Add(StreamType.Logs);
        }

        return types;
    }

    private async ValueTask<(ConsumeResult Failure, bool IsThere)> PutAsync(string path, byte[] body, CancellationToken cancellation)
    {
        var answer = await ask(HttpMethod.Put, path, body, cancellation).ConfigureAwait(false);
        if (answer.Failure.IsAccepted)
        {
            events.Installed(path);
            return (ConsumeResult.Accepted, true);
        }

        if (answer.Status == 409)
        {
            // Index state management changes a policy only for those who name its last change: what is there stays.
            return (ConsumeResult.Accepted, true);
        }

        if (answer.Failure.Outcome == ConsumeOutcome.Retry)
        {
            return (answer.Failure, false);
        }

        events.NotInstalled(path, answer.Failure.Message);
        return (ConsumeResult.Accepted, false);
    }
}
