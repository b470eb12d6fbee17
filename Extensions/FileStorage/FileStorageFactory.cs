using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Extensions.FileStorage;

/// <summary>Makes <c>file_storage</c> extensions.</summary>
public sealed class FileStorageFactory : ExtensionFactory
{
    /// <inheritdoc/>
    public override string Type => "file_storage";

    /// <inheritdoc/>
    public override object ReadConfig(ConfigSection section) => FileStorageConfig.Read(section);

    /// <inheritdoc/>
    public override IExtension Create(ComponentContext context, object config) =>
        new FileStorageExtension(context, (FileStorageConfig)config);
}
