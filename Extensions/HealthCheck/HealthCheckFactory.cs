using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Extensions.HealthCheck;

/// <summary>Makes <c>health_check</c> extensions.</summary>
internal sealed class HealthCheckFactory : ExtensionFactory<HealthCheckConfig>
{
    /// <inheritdoc/>
    public override string Type => "health_check";

    /// <inheritdoc/>
    /// <inheritdoc/>
    public override HealthCheckConfig ReadConfig(ConfigSection section) => HealthCheckConfig.Read(section);

    /// <inheritdoc/>
    public override IExtension Create(ComponentContext context, HealthCheckConfig config) =>
        new HealthCheckExtension(context, config);
}
