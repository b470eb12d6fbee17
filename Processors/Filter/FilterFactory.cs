using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Processors.Filter;

/// <summary>Makes <c>filter</c> processors.</summary>
internal sealed class FilterFactory : ProcessorFactory<FilterConfig>
{
    /// <inheritdoc/>
    public override string Type => "filter";

    /// <inheritdoc/>
    public override FilterConfig ReadConfig(ConfigSection section) => FilterConfig.Read(section);

    /// <inheritdoc/>
    public override IProcessor Create(ComponentContext context, FilterConfig config, IConsumer next) =>
        new FilterProcessor(context, config, next);
}
