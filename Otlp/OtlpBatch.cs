using TelemetryPipeline.Otlp.Editing;

namespace TelemetryPipeline.Otlp;

/// <summary>
/// What flows through a pipeline: one or more chunks of OTLP bytes of one signal, with the changes that processors
/// have made to them kept beside the bytes.
/// </summary>
/// <remarks>
/// An export request is its <c>ResourceSpans</c> (or <c>ResourceMetrics</c>, <c>ResourceLogs</c>) one after the other,
/// so several requests merge by listing their chunks: nothing is copied. A batch has one owner, who disposes of it.
/// A consumer borrows the batch for the duration of the call; to keep the data it takes a <see cref="Fork"/>.
/// Changes go through <see cref="View"/>; they are applied, in one pass, when <see cref="Chunks"/>,
/// <see cref="ByteCount"/> or <see cref="Fork"/> is asked for, so these never show stale bytes.
/// Not thread-safe: one thread at a time, and whoever hands a batch to another thread gives it up.
/// </remarks>
public sealed class OtlpBatch : IDisposable
{
    private readonly List<OtlpChunk> _chunks;
    private OtlpView?[] _views = [];
    private int _itemCount;
    private long _byteCount;
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

    /// <summary>Spans, data points or log records in all chunks, without those that were dropped.</summary>
    public int ItemCount
    {
        get
        {
            var dropped = 0;
            foreach (var view in _views)
            {
                dropped += view?.DroppedItems ?? 0;
            }

            return _itemCount - dropped;
        }
    }

    /// <summary>Length in bytes as one export request. Applies changes.</summary>
    public long ByteCount
    {
        get
        {
            ApplyChanges();
            return _byteCount;
        }
    }

    /// <summary>The chunks, in order of arrival. Applies changes.</summary>
    public IReadOnlyList<OtlpChunk> Chunks
    {
        get
        {
            ApplyChanges();
            return _chunks;
        }
    }

    /// <summary>How many chunks there are to <see cref="View"/>; changes are not applied.</summary>
    public int ViewCount => _chunks.Count;

    /// <summary>The content of a chunk, for reading and changing.</summary>
    /// <param name="chunk">Index of the chunk, 0 to <see cref="ViewCount"/> - 1.</param>
    /// <returns>Valid until changes are applied or the batch is disposed of.</returns>
    public OtlpView View(int chunk)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_views.Length < _chunks.Count)
        {
            Array.Resize(ref _views, _chunks.Count);
        }

        return _views[chunk] ??= new OtlpView(WithSingleContent(chunk));
    }

    /// <summary>Adds a chunk of the same signal at the end, taking over the caller's reference to it.</summary>
    /// <param name="chunk">The chunk.</param>
    public void Append(OtlpChunk chunk)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNotEqual((int)chunk.Signal, (int)Signal, nameof(chunk));
        _chunks.Add(chunk);
        _itemCount += chunk.ItemCount;
        _byteCount += chunk.Length;
    }

    /// <summary>Another batch over the same data, for its own owner to dispose of or to change.</summary>
    /// <remarks>Applies changes first, so that any number of forks share one set of bytes.</remarks>
    public OtlpBatch Fork()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ApplyChanges();
        var fork = new OtlpBatch(Signal, Metadata);
        fork._chunks.EnsureCapacity(_chunks.Count);
        foreach (var chunk in _chunks)
        {
            fork.Append(chunk.Retain());
        }

        return fork;
    }

    /// <summary>
    /// Frees what components found out about the chunks, unless some still look: before a batch is kept for a while. It is
    /// found again when it is needed. Applies changes.
    /// </summary>
    public void ForgetIndexes()
    {
        foreach (var chunk in Chunks)
        {
            chunk.ForgetIndex();
        }
    }

    /// <summary>Releases the chunks. Further calls do nothing.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        ReleaseViews();
        foreach (var chunk in _chunks)
        {
            chunk.Release();
        }

        _chunks.Clear();
    }

    /// <summary>
    /// Replaces changed chunks by new ones and removes chunks whose items were all dropped. Views obtained before are invalid.
    /// </summary>
    public void ApplyChanges()
    {
        if (!HasChanges())
        {
            return;
        }

        _itemCount = 0;
        _byteCount = 0;
        var kept = 0;
        for (var i = 0; i < _chunks.Count; i++)
        {
            var chunk = _chunks[i];
            if (i < _views.Length && _views[i] is { HasChanges: true } view)
            {
                var changed = view.Apply();
                chunk.Release();
                chunk = changed;
                if (chunk.Length == 0)
                {
                    chunk.Release();
                    continue;
                }
            }

            _chunks[kept++] = chunk;
            _itemCount += chunk.ItemCount;
            _byteCount += chunk.Length;
        }

        _chunks.RemoveRange(kept, _chunks.Count - kept);
        ReleaseViews();
    }

    /// <summary>A chunk as a view can show it: where a sender repeated a resource or scope, with the two merged.</summary>
    private OtlpChunk WithSingleContent(int index)
    {
        var chunk = _chunks[index];
        var nodes = chunk.BorrowIndex();
        var merged = nodes.HasRepeatedContent ? ContentMerger.Merge(chunk, nodes) : null;
        chunk.ReturnIndex();
        if (merged is null)
        {
            return chunk;
        }

        _byteCount += merged.Length - chunk.Length;
        _chunks[index] = merged;
        chunk.Release();
        return merged;
    }

    private bool HasChanges()
    {
        foreach (var view in _views)
        {
            if (view is { HasChanges: true })
            {
                return true;
            }
        }

        return false;
    }

    private void ReleaseViews()
    {
        foreach (var view in _views)
        {
            view?.Release();
        }

        Array.Clear(_views);
    }
}
