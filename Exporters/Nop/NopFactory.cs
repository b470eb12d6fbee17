using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Exporters.Nop;

/// <summary>Makes <c>nop</c> exporters, which have no settings.</summary>
internal sealed class NopFactory : ExporterFactory<NoSettings>
{
    /// <inheritdoc/>
    public override string Type => "nop";

    /// <inheritdoc/>
    public override Stability Stability => Stability.Stable;

    /// <inheritdoc/>
    public override NoSettings ReadConfig(ConfigSection section) => default;

    /// <inheritdoc/>
    public override IExporter Create(ComponentContext context, NoSettings config) => new NopExporter();
}
