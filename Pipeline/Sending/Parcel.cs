using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Pipeline.Sending;

/// <summary>What a worker sends at once: one batch from the queue, or several merged. Reused by its worker.</summary>
internal sealed class Parcel
{
    private readonly List<QueuedBatch> _parts = [];

    /// <summary>The batches in it, in order.</summary>
    public IReadOnlyList<QueuedBatch> Parts => _parts;

    /// <summary>A batch that alone exceeds the size limit and must be cut into pieces before any of it can be sent.</summary>
    public QueuedBatch? TooLarge { get; set; }

    public void Add(QueuedBatch part) => _parts.Add(part);

    /// <summary>The data to send; owned by the caller. Lists the chunks of all parts, nothing is copied.</summary>
    /// <param name="metadata">The request headers all parts share.</param>
    public OtlpBatch Merge(RequestMetadata? metadata)
    {
        var merged = new OtlpBatch(_parts[0].Batch.Signal, metadata);
        foreach (var part in _parts)
        {
            for (var i = 0; i < part.Batch.Chunks.Count; i++)
            {
                merged.Append(part.Batch.Chunks[i].Retain());
            }
        }

        return merged;
    }

    public void Clear()
    {
        _parts.Clear();
        TooLarge = null;
    }
}
