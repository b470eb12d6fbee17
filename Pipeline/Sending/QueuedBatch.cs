using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Sending.Durable;

namespace TelemetryPipeline.Pipeline.Sending;

/// <summary>A batch in a queue, or one piece of it after it was split.</summary>
/// <remarks>Guarded by the queue's lock while it is in the queue; owned by the worker that took it after that.</remarks>
internal sealed class QueuedBatch
{
    private int _piecesLeft = 1;
    private int _rejectedCount;
    private ConsumeResult _worst = ConsumeResult.Accepted;

    /// <summary>The data; disposed of when merged or done.</summary>
    public required OtlpBatch Batch { get; init; }

    /// <summary>The room it takes in the queue; none for a piece.</summary>
    public QueueLoad Load { get; init; }

    /// <summary>Its place on disk, where the queue is there.</summary>
    public LogRecord? Record { get; init; }

    /// <summary>Whoever waits for the result; null where nobody does.</summary>
    public ResultWaiter? Waiter { get; init; }

    /// <summary>What it is a piece of; null for a whole batch.</summary>
    public QueuedBatch? Whole { get; init; }

    /// <summary>The next in its list.</summary>
    public QueuedBatch? Next { get; set; }

    /// <summary>The batch as it was accepted.</summary>
    public QueuedBatch Root => Whole ?? this;

    /// <summary>Announces that the batch is now in so many pieces. Before any of them is done.</summary>
    public void Split(int pieceCount) => _piecesLeft = pieceCount;

    /// <summary>Takes note of what became of one piece.</summary>
    /// <param name="result">The outcome, with the rejected items of this piece.</param>
    /// <param name="whole">The outcome of the whole batch when this was the last piece.</param>
    /// <returns>Whether this was the last piece.</returns>
    public bool Finish(in ConsumeResult result, out ConsumeResult whole)
    {
        lock (this)
        {
            _rejectedCount += result.RejectedCount;

            // Rather twice than never: a piece that must come again brings the whole batch again.
            if (_worst.Outcome != ConsumeOutcome.Retry && !result.IsAccepted)
            {
                _worst = result;
            }

            whole = _worst.Outcome == ConsumeOutcome.Rejected ? _worst with { RejectedCount = _rejectedCount } : _worst;
            return --_piecesLeft == 0;
        }
    }
}
