using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Extensions.FileStorage;

/// <summary>Makes <c>file_storage</c> extensions.</summary>
internal sealed class FileStorageFactory : ExtensionFactory<FileStorageConfig>
{
    /// <inheritdoc/>
    public override string Type => "file_storage";

    /// <inheritdoc/>
    public override FileStorageConfig ReadConfig(ConfigSection section) => FileStorageConfig.Read(section);

    /// <inheritdoc/>
    public override IExtension Create(ComponentContext context, FileStorageConfig config) =>
        new FileStorageExtension(context, config);
}
