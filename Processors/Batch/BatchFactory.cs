using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Processors.Batch;

/// <summary>Makes <c>batch</c> processors.</summary>
internal sealed class BatchFactory : ProcessorFactory<BatchConfig>
{
    /// <inheritdoc/>
    public override string Type => "batch";

    /// <inheritdoc/>
    public override BatchConfig ReadConfig(ConfigSection section) => BatchConfig.Read(section);

    /// <inheritdoc/>
    public override IProcessor Create(ComponentContext context, BatchConfig config, IConsumer next) =>
        new BatchProcessor(context, config, next);
}
