using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Extensions.Zpages;

/// <summary>Makes <c>zpages</c> extensions.</summary>
internal sealed class ZpagesFactory : ExtensionFactory<ZpagesConfig>
{
    /// <inheritdoc/>
    public override string Type => "zpages";

    /// <inheritdoc/>
    public override ZpagesConfig ReadConfig(ConfigSection section) => ZpagesConfig.Read(section);

    /// <inheritdoc/>
    public override IExtension Create(ComponentContext context, ZpagesConfig config) =>
        new ZpagesExtension(context, config);
}
