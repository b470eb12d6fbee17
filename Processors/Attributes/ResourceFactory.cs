using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Processors.Attributes;

/// <summary>Makes <c>resource</c> processors.</summary>
public sealed class ResourceFactory : ProcessorFactory
{
    /// <inheritdoc/>
    public override string Type => "resource";

    /// <inheritdoc/>
    public override object ReadConfig(ConfigSection section) => AttributesConfig.Read(section, "attributes");

    /// <inheritdoc/>
    public override IProcessor Create(ComponentContext context, object config, IConsumer next) =>
        new AttributesProcessor((AttributesConfig)config, ofResources: true, next);
}
