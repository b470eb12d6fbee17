using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Sending;

namespace TelemetryPipeline.Exporters.RedisStreams;

/// <summary>Makes <c>redis_streams</c> exporters.</summary>
internal sealed class RedisStreamsExporterFactory : ExporterFactory<RedisStreamsExporterConfig>
{
    /// <inheritdoc/>
    public override string Type => "redis_streams";

    /// <inheritdoc/>
    public override RedisStreamsExporterConfig ReadConfig(ConfigSection section) => RedisStreamsExporterConfig.Read(section);

    /// <inheritdoc/>
    public override IEnumerable<(string Setting, ComponentId Extension)> RequiredExtensions(RedisStreamsExporterConfig config) =>
        config.Sending.RequiredExtensions();

    /// <inheritdoc/>
    public override IExporter Create(ComponentContext context, RedisStreamsExporterConfig config) =>
        new SendingExporter(context, config.Sending, new RedisStreamsSender(context, config));
}
