using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Processors.Filter;

/// <summary>Makes <c>filter</c> processors.</summary>
public sealed class FilterFactory : ProcessorFactory
{
    /// <inheritdoc/>
    public override string Type => "filter";

    /// <inheritdoc/>
    public override object ReadConfig(ConfigSection section) => FilterConfig.Read(section);

    /// <inheritdoc/>
    public override IProcessor Create(ComponentContext context, object config, IConsumer next) =>
        new FilterProcessor(context, (FilterConfig)config, next);
}
