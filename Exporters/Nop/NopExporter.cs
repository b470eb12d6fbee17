using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Exporters.Nop;

/// <summary>Accepts everything and keeps nothing: for measuring and for pipelines that exist only for their connectors.</summary>
internal sealed class NopExporter : IExporter
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation) =>
        new(ConsumeResult.Accepted);
}
