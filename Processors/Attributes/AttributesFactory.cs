using System.Linq;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Processors.Attributes.Selection;

namespace TelemetryPipeline.Processors.Attributes;

/// <summary>Makes <c>attributes</c> processors.</summary>
internal sealed class AttributesFactory : ProcessorFactory<AttributesConfig>
{
    private const string IncludeKey = "include";
    private const string ExcludeKey = "exclude";

    /// <inheritdoc/>
    public override string Type => "attributes";

    /// <inheritdoc/>
    public override AttributesConfig ReadConfig(ConfigSection section) => AttributesConfig.Read(section, "actions") with
    {
        Include = MatchPropertiesReader.Read(section, IncludeKey),
        Exclude = MatchPropertiesReader.Read(section, ExcludeKey),
    };

    /// <inheritdoc/>
    /// <exception cref="ComponentStartException">The pipeline's signal does not have a property that is to be matched.</exception>
    public override IProcessor Create(ComponentContext context, AttributesConfig config, IConsumer next)
    {
        Check(context, IncludeKey, config.Include);
        Check(context, ExcludeKey, config.Exclude);
        return new AttributesProcessor(config, ofResources: false, next);
    }

    // Which properties make sense is known only here: one configuration may be used in pipelines of several signals.
    private static void Check(ComponentContext context, string key, MatchProperties? properties)
    {
        var signal = context.Signals[0];
        foreach (var (property, signals) in properties?.Used() ?? [])
        {
            if (!signals.Contains(signal))
            {
                var words = string.Join(" and ", signals.Select(static s => s.PipelineName()));
                throw new ComponentStartException(
                    $"processor {context.Id} in pipeline {context.Pipeline}: {key}::{property} is for {words}, not for {signal.PipelineName()}");
            }
        }
    }
}
