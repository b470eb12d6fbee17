using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Extensions.Zpages;

/// <summary>Makes <c>zpages</c> extensions.</summary>
public sealed class ZpagesFactory : ExtensionFactory
{
    /// <inheritdoc/>
    public override string Type => "zpages";

    /// <inheritdoc/>
    public override object ReadConfig(ConfigSection section) => ZpagesConfig.Read(section);

    /// <inheritdoc/>
    public override IExtension Create(ComponentContext context, object config) =>
        new ZpagesExtension(context, (ZpagesConfig)config);
}
