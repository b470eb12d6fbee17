using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Sending;

namespace TelemetryPipeline.Exporters.FileOutput;

/// <summary>Makes <c>file</c> exporters.</summary>
internal sealed class FileFactory : ExporterFactory<FileConfig>
{
    // The file's own buffer is all the queue there is, as upstream: what cannot be written goes back to the sender.
    private static readonly SendingConfig Sending = new()
    {
        Queue = new QueueConfig { Enabled = false },
        Retry = new RetryConfig { Enabled = false },
        Timeout = TimeSpan.Zero,
    };

    /// <inheritdoc/>
    public override string Type => "file";

    /// <inheritdoc/>
    public override FileConfig ReadConfig(ConfigSection section) => FileConfig.Read(section);

    /// <inheritdoc/>
    public override IExporter Create(ComponentContext context, FileConfig config) =>
        new SendingExporter(context, Sending, new FileSender(context, config));
}
