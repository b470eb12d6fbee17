using System.Buffers.Binary;
using System.Numerics;

namespace TelemetryPipeline.Attribution.Rules.Compiling;

/// <summary>Finds a text among many by its hash; open addressing, at most a quarter full, so that most others miss at once.</summary>
internal sealed class Utf8Table
{
    private const int PlacesPerText = 4;
    private readonly byte[][] _texts;
    private readonly int[] _places;
    private readonly int _mask;

    /// <summary>A table of texts, which are distinct.</summary>
    /// <param name="texts">The texts.</param>
    public Utf8Table(byte[][] texts)
    {
        _texts = texts;
        _mask = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(texts.Length * PlacesPerText, 8)) - 1;
        _places = new int[_mask + 1];
        for (var i = 0; i < texts.Length; i++)
        {
            var place = Hash(texts[i]) & _mask;
            while (_places[place] != 0)
            {
                place = (place + 1) & _mask;
            }

            _places[place] = i + 1;
        }
    }

    /// <summary>The index of a text; -1 where it is not one of them.</summary>
    /// <param name="text">The text.</param>
    public int Find(ReadOnlySpan<byte> text)
    {
        var place = Hash(text) & _mask;
        while (_places[place] != 0)
        {
            var index = _places[place] - 1;
            if (text.SequenceEqual(_texts[index]))
            {
                return index;
            }

            place = (place + 1) & _mask;
        }

        return -1;
    }

    // Length, both ends and the middle: codes and services share beginnings more often than ends.
    private static int Hash(ReadOnlySpan<byte> text)
    {
        ulong mixed = 0;
        if (text.Length >= sizeof(ulong))
        {
            mixed = BinaryPrimitives.ReadUInt64LittleEndian(text) * 31
                ^ BinaryPrimitives.ReadUInt64LittleEndian(text[((text.Length - sizeof(ulong)) / 2)..]) * 17
                ^ BinaryPrimitives.ReadUInt64LittleEndian(text[^sizeof(ulong)..]);
        }
        else
        {
            foreach (var b in text)
            {
                mixed = (mixed << 8) | b;
            }
        }

        return (int)((((mixed ^ (ulong)text.Length) * 0x9E37_79B9_7F4A_7C15) >> 33) & int.MaxValue);
    }
}
