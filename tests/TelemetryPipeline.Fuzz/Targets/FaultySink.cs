using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Fuzz.Targets;

/// <summary>The pipelines behind a receiver: take, refuse in part, refuse for now, or break.</summary>
internal sealed class FaultySink : IConsumer, IAdmission
{
    /// <summary>What happens to the next batch.</summary>
    public SinkFault Fault { get; set; }

    /// <summary>Items of the last batch; 0 where none arrived.</summary>
    public int ArrivedItems { get; set; }

    public ConsumeResult Admit(Signal signal) => Fault switch
    {
        SinkFault.NotAdmitted => ConsumeResult.Retry("memory_limit", "too much memory is in use", TimeSpan.FromSeconds(2)),
        SinkFault.AdmissionThrows => throw new InvalidOperationException("a bug in a component"),
        _ => ConsumeResult.Accepted,
    };

    public ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        ArrivedItems = batch.ItemCount;
        if (!OtlpRequest.TryValidate(batch.Signal, batch.Chunks[0].Bytes, out var items, out _) || items != batch.ItemCount)
        {
            throw new FuzzFailureException("only valid requests arrive in pipelines");
        }

        return Fault switch
        {
            SinkFault.RejectsOne => new(ConsumeResult.Rejected("invalid", "an item is not wanted", 1)),
            SinkFault.RejectsTooMany => new(ConsumeResult.Rejected("invalid", "nothing is wanted", items + 1)),
            SinkFault.Full => new(ConsumeResult.Retry("queue_full", "the queue is full", TimeSpan.Zero)),
            SinkFault.RateLimited => new(ConsumeResult.Retry("rate_limited", "too many items", TimeSpan.FromMilliseconds(1500))),
            SinkFault.Throws => throw new InvalidOperationException("a bug in a component"),
            _ => new(ConsumeResult.Accepted),
        };
    }
}
