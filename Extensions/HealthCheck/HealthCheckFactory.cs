using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Extensions.HealthCheck;

/// <summary>Makes <c>health_check</c> extensions.</summary>
public sealed class HealthCheckFactory : ExtensionFactory
{
    /// <inheritdoc/>
    public override string Type => "health_check";

    /// <inheritdoc/>
    /// <inheritdoc/>
    public override object ReadConfig(ConfigSection section) => HealthCheckConfig.Read(section);

    /// <inheritdoc/>
    public override IExtension Create(ComponentContext context, object config) =>
        new HealthCheckExtension(context, (HealthCheckConfig)config);
}
