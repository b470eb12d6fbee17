namespace TelemetryPipeline.Otlp.Editing;

/// <summary>
/// A buffer for each depth that is being rewritten: the replacement of a field is complete before its message goes on. Not
/// thread-safe.
/// </summary>
internal sealed class DepthBuffers
{
    private const int KeptBytesMax = 64 * 1024;
    private readonly List<PooledWriter> _buffers = [];

    /// <summary>Bytes that the buffers hold.</summary>
    public long CapacityBytes
    {
        get
        {
            var bytes = 0L;
            foreach (var buffer in _buffers)
            {
                bytes += buffer.Capacity;
            }

            return bytes;
        }
    }

    /// <summary>The buffer of a depth, empty.</summary>
    public PooledWriter At(int depth)
    {
        while (_buffers.Count <= depth)
        {
            _buffers.Add(new PooledWriter());
        }

        _buffers[depth].Clear();
        return _buffers[depth];
    }

    /// <summary>
    /// Lets go of large buffers from a depth on, which have been copied by now: of a long text that is nested a hundred
    /// messages deep, each depth would keep a copy.
    /// </summary>
    public void Shrink(int depth)
    {
        for (var i = depth; i < _buffers.Count; i++)
        {
            if (_buffers[i].Capacity > KeptBytesMax)
            {
                _buffers[i].Release();
            }
        }
    }
}
