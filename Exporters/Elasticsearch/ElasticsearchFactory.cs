using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Sending;

namespace TelemetryPipeline.Exporters.Elasticsearch;

/// <summary>Makes <c>elasticsearch</c> exporters.</summary>
internal sealed class ElasticsearchFactory : ExporterFactory<ElasticsearchConfig>
{
    /// <inheritdoc/>
    public override string Type => "elasticsearch";

    /// <inheritdoc/>
    public override ElasticsearchConfig ReadConfig(ConfigSection section) => ElasticsearchConfig.Read(section);

    /// <inheritdoc/>
    public override IEnumerable<(string Setting, ComponentId Extension)> RequiredExtensions(ElasticsearchConfig config) =>
        config.Sending.RequiredExtensions();

    /// <inheritdoc/>
    public override IExporter Create(ComponentContext context, ElasticsearchConfig config) =>
        new SendingExporter(context, config.Sending, new ElasticsearchSender(context, config));
}
