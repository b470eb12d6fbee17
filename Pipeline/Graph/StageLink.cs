using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Pipeline.Graph;

/// <summary>Between two processors of a pipeline: counts what the one hands on and the other gets, once a batch.</summary>
/// <param name="next">What takes the batches.</param>
/// <param name="outgoing">Of the processor before; null at the head of the pipeline.</param>
/// <param name="incoming">Of the processor after; null at its tail.</param>
internal sealed class StageLink(IConsumer next, Counter? outgoing, Counter? incoming) : IConsumer
{
    /// <inheritdoc/>
    public ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        var items = batch.ItemCount;
        outgoing?.Add(items);
        incoming?.Add(items);
        return next.ConsumeAsync(batch, cancellation);
    }
}
