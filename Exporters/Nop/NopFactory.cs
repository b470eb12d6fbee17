using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Exporters.Nop;

/// <summary>Makes <c>nop</c> exporters, which have no settings.</summary>
public sealed class NopFactory : ExporterFactory
{
    /// <inheritdoc/>
    public override string Type => "nop";

    /// <inheritdoc/>
    public override Stability Stability => Stability.Stable;

    /// <inheritdoc/>
    public override object ReadConfig(ConfigSection section) => this;

    /// <inheritdoc/>
    public override IExporter Create(ComponentContext context, object config) => new NopExporter();
}
