using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Processors.Batch;

/// <summary>Makes <c>batch</c> processors.</summary>
public sealed class BatchFactory : ProcessorFactory
{
    /// <inheritdoc/>
    public override string Type => "batch";

    /// <inheritdoc/>
    public override object ReadConfig(ConfigSection section) => BatchConfig.Read(section);

    /// <inheritdoc/>
    public override IProcessor Create(ComponentContext context, object config, IConsumer next) =>
        new BatchProcessor(context, (BatchConfig)config, next);
}
