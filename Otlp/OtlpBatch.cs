namespace TelemetryPipeline.Otlp;

/// <summary>
/// What flows through a pipeline: one or more chunks of OTLP bytes of one signal, with the changes that processors
/// have made to them kept beside the bytes.
/// </summary>
/// <remarks>
/// An export request is its <c>ResourceSpans</c> (or <c>ResourceMetrics</c>, <c>ResourceLogs</c>) one after the other,
/// so several requests merge by listing their chunks: nothing is copied. A batch has one owner, who disposes of it.
/// A consumer borrows the batch for the duration of the call; to keep the data it takes a <see cref="Fork"/>.
/// Not thread-safe: one thread at a time, and whoever hands a batch to another thread gives it up.
/// </remarks>
public sealed class OtlpBatch : IDisposable
{
    private readonly List<OtlpChunk> _chunks;
    private bool _disposed;

    /// <summary>A batch of one chunk, taking over the caller's reference to it.</summary>
    /// <param name="chunk">The request.</param>
    /// <param name="metadata">The transport's request headers where the receiver was asked to include them.</param>
    public OtlpBatch(OtlpChunk chunk, RequestMetadata? metadata = null)
        : this(chunk.Signal, metadata)
    {
        Append(chunk);
    }

    /// <summary>An empty batch.</summary>
    /// <param name="signal">What its chunks will carry.</param>
    /// <param name="metadata">The transport's request headers where the receiver was asked to include them.</param>
    public OtlpBatch(Signal signal, RequestMetadata? metadata = null)
    {
        Signal = signal;
        Metadata = metadata;
        _chunks = new List<OtlpChunk>(1);
    }

    /// <summary>What the batch carries.</summary>
    public Signal Signal { get; }

    /// <summary>Headers of the request the batch came with; null where the receiver does not include them.</summary>
    public RequestMetadata? Metadata { get; }

    /// <summary>Spans, data points or log records in all chunks.</summary>
    public int ItemCount { get; private set; }

    /// <summary>Length in bytes as one export request.</summary>
    public long ByteCount { get; private set; }

    /// <summary>The chunks, in order of arrival.</summary>
    public IReadOnlyList<OtlpChunk> Chunks => _chunks;

    /// <summary>Adds a chunk of the same signal at the end, taking over the caller's reference to it.</summary>
    /// <param name="chunk">The chunk.</param>
    public void Append(OtlpChunk chunk)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNotEqual((int)chunk.Signal, (int)Signal, nameof(chunk));
        _chunks.Add(chunk);
        ItemCount += chunk.ItemCount;
        ByteCount += chunk.Length;
    }

    /// <summary>Another batch over the same data, for its own owner to dispose of or to change.</summary>
    public OtlpBatch Fork()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var fork = new OtlpBatch(Signal, Metadata);
        foreach (var chunk in _chunks)
        {
            fork.Append(chunk.Retain());
        }

        return fork;
    }

    /// <summary>Releases the chunks. Further calls do nothing.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        foreach (var chunk in _chunks)
        {
            chunk.Release();
        }

        _chunks.Clear();
    }
}
