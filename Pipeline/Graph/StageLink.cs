using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Pipeline.Graph;

/// <summary>Between two processors of a pipeline: counts what the one forwards and the other gets, once a batch.</summary>
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
        try
        {
            var answer = next.ConsumeAsync(batch, cancellation);
            return answer.IsCompletedSuccessfully ? answer : AwaitAsync(answer, items);
        }
        catch (WorkingMemoryException e)
        {
            return new(Refusal(e, items));
        }
    }

    private static async ValueTask<ConsumeResult> AwaitAsync(ValueTask<ConsumeResult> answer, int items)
    {
        try
        {
            return await answer.ConfigureAwait(false);
        }
        catch (WorkingMemoryException e)
        {
            return Refusal(e, items);
        }
    }

    private static ConsumeResult Refusal(WorkingMemoryException failure, int items) => failure.CanRetry || items == 0
        ? ConsumeResult.Retry(WorkingMemory.Exhausted, failure.Message)
        : ConsumeResult.Rejected(WorkingMemory.TooExpensive, failure.Message, items);
}
