using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Graph;
using TelemetryPipeline.Tests.Otlp;

namespace TelemetryPipeline.Tests.Pipeline.Graph;

public sealed class StageLinkTests
{
    [Theory]
    [InlineData(false, true, ConsumeOutcome.Retry, WorkingMemory.Exhausted, 0)]
    [InlineData(true, true, ConsumeOutcome.Retry, WorkingMemory.Exhausted, 0)]
    [InlineData(false, false, ConsumeOutcome.Rejected, WorkingMemory.TooExpensive, 3)]
    [InlineData(true, false, ConsumeOutcome.Rejected, WorkingMemory.TooExpensive, 3)]
    public async Task Consume_OutOfWorkingMemory_IsARefusal(bool later, bool canRetry, ConsumeOutcome outcome, string reason, int rejected)
    {
        var (signal, bytes) = AdversarialRequests.Build("empty spans", 3);
        using var batch = AdversarialRequests.Batch(signal, bytes);
        var answer = await new StageLink(new Failing(later, canRetry), null, null).ConsumeAsync(batch, TestContext.Current.CancellationToken);
        Assert.Equal((outcome, reason, rejected), (answer.Outcome, answer.Reason, answer.RejectedCount));
    }

    private sealed class Failing(bool later, bool canRetry) : IConsumer
    {
        public ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation) =>
            later ? LaterAsync() : throw new WorkingMemoryException(canRetry);

        private async ValueTask<ConsumeResult> LaterAsync()
        {
            await Task.Yield();
            throw new WorkingMemoryException(canRetry);
        }
    }
}
