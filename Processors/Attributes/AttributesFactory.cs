using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Processors.Attributes;

/// <summary>Makes <c>attributes</c> processors.</summary>
public sealed class AttributesFactory : ProcessorFactory
{
    /// <inheritdoc/>
    public override string Type => "attributes";

    /// <inheritdoc/>
    public override object ReadConfig(ConfigSection section)
    {
        section.Unsupported("actions apply to every item", "include", "exclude");
        return AttributesConfig.Read(section, "actions");
    }

    /// <inheritdoc/>
    public override IProcessor Create(ComponentContext context, object config, IConsumer next) =>
        new AttributesProcessor((AttributesConfig)config, ofResources: false, next);
}
