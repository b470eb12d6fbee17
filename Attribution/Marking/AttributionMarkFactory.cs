using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Attribution.Marking;

/// <summary>Makes <c>anomaly_attribution</c> processors.</summary>
internal sealed class AttributionMarkFactory : ProcessorFactory<AttributionMarkConfig>
{
    /// <inheritdoc/>
    public override string Type => "anomaly_attribution";

    /// <inheritdoc/>
    public override IReadOnlyList<Signal> Signals => [Signal.Traces];

    /// <inheritdoc/>
    public override AttributionMarkConfig ReadConfig(ConfigSection section) => AttributionMarkConfig.Read(section);

    /// <inheritdoc/>
    public override IProcessor Create(ComponentContext context, AttributionMarkConfig config, IConsumer next) =>
        new AttributionMarkProcessor(context, config, next);
}
