using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Processors.Attributes;

/// <summary>Makes <c>resource</c> processors.</summary>
internal sealed class ResourceFactory : ProcessorFactory<AttributesConfig>
{
    /// <inheritdoc/>
    public override string Type => "resource";

    /// <inheritdoc/>
    public override AttributesConfig ReadConfig(ConfigSection section) => AttributesConfig.Read(section, "attributes");

    /// <inheritdoc/>
    public override IProcessor Create(ComponentContext context, AttributesConfig config, IConsumer next) =>
        new AttributesProcessor(config, ofResources: true, next);
}
