using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace TelemetryPipeline.Otlp.Wire;

/// <summary>Walks over the fields of one message. Never throws: damaged bytes end the walk with <see cref="Failed"/>.</summary>
/// <remarks>
/// For bytes that <c>OtlpRequest.TryValidate</c> has passed, <see cref="Failed"/> is never true and groups have ended
/// properly. Offsets are positions in the bytes given to the constructor.
/// </remarks>
internal ref struct WireReader
{
    private readonly ReadOnlySpan<byte> _data;
    private int _position;

    /// <summary>Reads a whole message.</summary>
    /// <param name="data">The message's bytes, without tag and length.</param>
    public WireReader(ReadOnlySpan<byte> data)
        : this(data, 0, data.Length)
    {
    }

    /// <summary>Reads a part of the bytes, keeping offsets into the whole.</summary>
    /// <param name="data">The whole.</param>
    /// <param name="start">Offset of the message's first byte.</param>
    /// <param name="length">Length of the message.</param>
    public WireReader(ReadOnlySpan<byte> data, int start, int length)
    {
        _data = data[..(start + length)];
        _position = start;
    }

    /// <summary>Field number of the current field.</summary>
    public int Field { get; private set; }

    /// <summary>Wire type of the current field.</summary>
    public WireType Type { get; private set; }

    /// <summary>Offset of the current field's tag.</summary>
    public int FieldOffset { get; private set; }

    /// <summary>Offset of the current field's value: after the length where there is one.</summary>
    public int ValueOffset { get; private set; }

    /// <summary>Length of the current field's value in bytes.</summary>
    public int ValueLength { get; private set; }

    /// <summary>The value of a varint or fixed-size field.</summary>
    public ulong Number { get; private set; }

    /// <summary>Whether the walk ended at damaged bytes.</summary>
    public bool Failed { get; private set; }

    /// <summary>The content of a length-delimited field.</summary>
    public readonly ReadOnlySpan<byte> Content => _data.Slice(ValueOffset, ValueLength);

    /// <summary>Offset of the next field.</summary>
    public readonly int Position => _position;

    /// <summary>Goes to the next field.</summary>
    /// <returns>False at the end of the message, or at damaged bytes.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Next()
    {
        // Nearly every field is a text or message below 128 bytes with a number below 16: one byte of tag, one of length.
        // Looking for that first takes a third off indexing a span.
        var start = _position + 2;
        if (start <= _data.Length && (_data[start - 2] & 0x87) == (int)WireType.LengthDelimited && _data[start - 2] > 7
            && _data[start - 1] is var length and < 0x80 && length <= _data.Length - start)
        {
            FieldOffset = _position;
            Field = _data[_position] >> 3;
            Type = WireType.LengthDelimited;
            ValueOffset = start;
            ValueLength = length;
            _position = start + length;
            return true;
        }

        return NextOfAnyForm();
    }

    private bool NextOfAnyForm()
    {
        if (_position >= _data.Length)
        {
            return false;
        }

        FieldOffset = _position;
        if (!TryVarint(out var tag) || tag > uint.MaxValue || tag >> 3 == 0)
        {
            return Fail();
        }

        Field = (int)(tag >> 3);
        Type = (WireType)(tag & 7);
        return ReadValue() || Fail();
    }

    private bool ReadValue()
    {
        ValueOffset = _position;
        switch (Type)
        {
            case WireType.Varint:
                if (!TryVarint(out var number))
                {
                    return false;
                }

                Number = number;
                break;
            case WireType.Fixed64:
                if (_data.Length - _position < sizeof(ulong))
                {
                    return false;
                }

                Number = BinaryPrimitives.ReadUInt64LittleEndian(_data[_position..]);
                _position += sizeof(ulong);
                break;
            case WireType.Fixed32:
                if (_data.Length - _position < sizeof(uint))
                {
                    return false;
                }

                Number = BinaryPrimitives.ReadUInt32LittleEndian(_data[_position..]);
                _position += sizeof(uint);
                break;
            case WireType.LengthDelimited:
                if (!TryVarint(out var length) || length > (ulong)(_data.Length - _position))
                {
                    return false;
                }

                ValueOffset = _position;
                _position += (int)length;
                break;
            case WireType.StartGroup:
                if (!SkipGroup())
                {
                    return false;
                }

                break;
            default:
                return false;
        }

        ValueLength = _position - ValueOffset;
        return true;
    }

    /// <summary>Passes over a group of an unknown field by counting its beginnings and ends.</summary>
    private bool SkipGroup()
    {
        var field = Field;
        var open = 1;
        while (open > 0)
        {
            if (!TryVarint(out var tag) || tag > uint.MaxValue || tag >> 3 == 0)
            {
                return false;
            }

            Type = (WireType)(tag & 7);
            if (Type is WireType.StartGroup or WireType.EndGroup)
            {
                open += Type == WireType.StartGroup ? 1 : -1;
            }
            else if (!ReadValue())
            {
                return false;
            }
        }

        Field = field;
        Type = WireType.StartGroup;
        return true;
    }

    private bool TryVarint(out ulong value)
    {
        if ((uint)_position < (uint)_data.Length && _data[_position] < 0x80)
        {
            value = _data[_position++];
            return true;
        }

        return TryLongVarint(out value);
    }

    private bool TryLongVarint(out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 7 * WireWriter.MaxVarintBytes && _position < _data.Length; shift += 7)
        {
            var part = _data[_position++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return true;
            }
        }

        return false;
    }

    private bool Fail()
    {
        Failed = true;
        _position = _data.Length;
        return false;
    }
}
