using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Sending;

namespace TelemetryPipeline.Exporters.RedisStreams;

/// <summary>Makes <c>redis_streams</c> exporters.</summary>
public sealed class RedisStreamsExporterFactory : ExporterFactory
{
    /// <inheritdoc/>
    public override string Type => "redis_streams";

    /// <inheritdoc/>
    public override object ReadConfig(ConfigSection section) => RedisStreamsExporterConfig.Read(section);

    /// <inheritdoc/>
    public override IEnumerable<(string Setting, ComponentId Extension)> RequiredExtensions(object config) =>
        ((RedisStreamsExporterConfig)config).Sending.RequiredExtensions();

    /// <inheritdoc/>
    public override IExporter Create(ComponentContext context, object config)
    {
        var settings = (RedisStreamsExporterConfig)config;
        return new SendingExporter(context, settings.Sending, new RedisStreamsSender(context, settings));
    }
}
