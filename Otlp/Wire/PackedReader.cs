using System.Buffers.Binary;

namespace TelemetryPipeline.Otlp.Wire;

/// <summary>Walks over packed numbers. Damaged bytes end the walk.</summary>
internal ref struct PackedReader
{
    private readonly ReadOnlySpan<byte> _data;
    private readonly WireType _type;
    private int _position;

    public PackedReader(ReadOnlySpan<byte> packed, WireType type)
    {
        _data = packed;
        _type = type;
    }

    /// <summary>The current number's bits.</summary>
    public ulong Number { get; private set; }

    /// <summary>Goes to the next number.</summary>
    public bool Next()
    {
        if (_type == WireType.Varint)
        {
            return NextVarint();
        }

        var left = _data[_position..];
        if (left.Length < sizeof(ulong))
        {
            return false;
        }

        Number = BinaryPrimitives.ReadUInt64LittleEndian(left);
        _position += sizeof(ulong);
        return true;
    }

    private bool NextVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 7 * WireWriter.MaxVarintBytes && _position < _data.Length; shift += 7)
        {
            var part = _data[_position++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                Number = value;
                return true;
            }
        }

        return false;
    }
}
