using System.Collections.Concurrent;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Tests.Receiver;

/// <summary>Stands for the pipelines behind a receiver: keeps what arrives and answers what it is told to.</summary>
internal sealed class ReceivingSink : IConsumer, IAdmission
{
    private int _asked;

    public ConcurrentQueue<(Signal Signal, int Items, byte[] Bytes, RequestMetadata? Metadata)> Batches { get; } = new();

    public ConsumeResult Admission { get; set; } = ConsumeResult.Accepted;

    public Func<OtlpBatch, CancellationToken, ValueTask<ConsumeResult>> Answer { get; set; } =
        static (_, _) => new(ConsumeResult.Accepted);

    public int AskedCount => Volatile.Read(ref _asked);

    public ConsumeResult Admit(Signal signal)
    {
        Interlocked.Increment(ref _asked);
        return Admission;
    }

    public ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        Batches.Enqueue((batch.Signal, batch.ItemCount, batch.Chunks[0].Bytes.ToArray(), batch.Metadata));
        return Answer(batch, cancellation);
    }

    public void AnswerWith(ConsumeResult result) => Answer = (_, _) => new(result);
}
