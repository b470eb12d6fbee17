using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Sending;

namespace TelemetryPipeline.Exporters.Elasticsearch;

/// <summary>Makes <c>elasticsearch</c> exporters.</summary>
public sealed class ElasticsearchFactory : ExporterFactory
{
    /// <inheritdoc/>
    public override string Type => "elasticsearch";

    /// <inheritdoc/>
    public override object ReadConfig(ConfigSection section) => ElasticsearchConfig.Read(section);

    /// <inheritdoc/>
    public override IEnumerable<(string Setting, ComponentId Extension)> RequiredExtensions(object config) =>
        ((ElasticsearchConfig)config).Sending.RequiredExtensions();

    /// <inheritdoc/>
    public override IExporter Create(ComponentContext context, object config)
    {
        var settings = (ElasticsearchConfig)config;
        return new SendingExporter(context, settings.Sending, new ElasticsearchSender(context, settings));
    }
}
