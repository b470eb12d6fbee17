using System.Buffers;

namespace TelemetryPipeline.Otlp.Editing;

/// <summary>A growing buffer of pooled memory, which <see cref="Release"/> empties for other use. Not thread-safe.</summary>
internal sealed class PooledWriter : IBufferWriter<byte>
{
    private const int FirstBytes = 256;

    // Each step leaves an array in the pool that was written in full, while of the last one only what is used is resident.
    private const int Growth = 4;
    private byte[] _array = [];
    private int _length;

    /// <summary>What was written; valid until the next change.</summary>
    public ReadOnlySpan<byte> WrittenSpan => _array.AsSpan(0, _length);

    /// <summary>Bytes held.</summary>
    public int Capacity => _array.Length;

    /// <inheritdoc/>
    public void Advance(int count) => _length += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _array.AsMemory(_length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _array.AsSpan(_length);
    }

    /// <summary>Forgets what was written and keeps the memory.</summary>
    public void Clear() => _length = 0;

    /// <summary>Gives the memory back; the buffer is empty and can be written to again.</summary>
    public void Release()
    {
        if (_array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_array);
        }

        _array = [];
        _length = 0;
    }

    private void Reserve(int count)
    {
        if (_array.Length - _length >= count)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(
            Math.Max(Math.Max((long)Growth * _array.Length, FirstBytes), (long)_length + count), Array.MaxLength));
        WrittenSpan.CopyTo(larger);
        var length = _length;
        Release();
        _array = larger;
        _length = length;
    }
}
