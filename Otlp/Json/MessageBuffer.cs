using System.Buffers;
using System.Buffers.Binary;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp.Json;

/// <summary>Builds nested protobuf messages whose lengths are known only at their end, in pooled memory.</summary>
/// <remarks>
/// A message begins with one byte for its length; when it ends with 128 bytes or more, its content moves up. Most
/// messages (attributes, values) need no move, and moving the few large ones is cheaper than parsing them was.
/// </remarks>
internal struct MessageBuffer
{
    private byte[] _array;
    private int _length;

    public MessageBuffer(int expected) => _array = ArrayPool<byte>.Shared.Rent(Math.Max(expected, 256));

    public readonly ReadOnlySpan<byte> Written => _array.AsSpan(0, _length);

    public readonly int Length => _length;

    /// <summary>Begins a length-delimited field.</summary>
    /// <returns>What <see cref="End"/> needs.</returns>
    public int Begin(int field)
    {
        Tag(field, WireType.LengthDelimited);
        Span(1);
        _length++;
        return _length;
    }

    /// <summary>Ends the field begun last.</summary>
    public void End(int start)
    {
        var length = _length - start;
        var size = WireWriter.VarintSize((uint)length);
        if (size > 1)
        {
            Span(size - 1);
            Array.Copy(_array, start, _array, start + size - 1, length);
            _length += size - 1;
        }

        WireWriter.WriteVarint(_array.AsSpan(start - 1), (uint)length);
    }

    /// <summary>Takes back everything from a point on.</summary>
    public void Truncate(int length) => _length = length;

    public void Tag(int field, WireType type) => Varint(WireWriter.Tag(field, type));

    public void Varint(ulong value) => _length += WireWriter.WriteVarint(Span(WireWriter.MaxVarintBytes), value);

    public void Fixed32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Span(sizeof(uint)), value);
        _length += sizeof(uint);
    }

    public void Fixed64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Span(sizeof(ulong)), value);
        _length += sizeof(ulong);
    }

    /// <summary>Room for at least so many bytes; <see cref="Advance"/> says how many were used.</summary>
    public Span<byte> Span(int length)
    {
        if (_array.Length - _length < length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(checked(Math.Max(_array.Length * 2, _length + length)));
            Array.Copy(_array, larger, _length);
            ArrayPool<byte>.Shared.Return(_array);
            _array = larger;
        }

        return _array.AsSpan(_length);
    }

    public void Advance(int length) => _length += length;

    public readonly void Release() => ArrayPool<byte>.Shared.Return(_array);
}
