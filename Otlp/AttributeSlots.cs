using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp;

/// <summary>
/// The attribute keys that components look up in every item. Each key gets a slot; a pass over a chunk resolves all
/// slots of all nodes at once: level 2.
/// </summary>
/// <remarks>
/// Register keys when components are created. Registering is thread-safe at any time; views that were resolved before
/// resolve again when they are next asked.
/// </remarks>
public sealed class AttributeSlots
{
    /// <summary>Keys that can be registered: a row of slots for every span must stay small.</summary>
    public const int MaxKeys = 256;

    private readonly Lock _lock = new();
    private volatile Table _table = new([]);

    /// <summary>Keys registered.</summary>
    public int Count => _table.Keys.Length;

    /// <summary>Gives a key a slot; the same key gets the same slot again.</summary>
    /// <param name="key">The attribute's key.</param>
    /// <returns>The slot, 0 to <see cref="MaxKeys"/> - 1.</returns>
    /// <exception cref="InvalidOperationException">More keys than <see cref="MaxKeys"/>: components should share.</exception>
    public int Register(string key)
    {
        lock (_lock)
        {
            var utf8 = Encoding.UTF8.GetBytes(key);
            var known = _table.Find(utf8);
            if (known >= 0)
            {
                return known;
            }

            if (_table.Keys.Length == MaxKeys)
            {
                throw new InvalidOperationException($"more than {MaxKeys} attribute keys are registered");
            }

            _table = new Table([.. _table.Keys, utf8]);
            return _table.Keys.Length - 1;
        }
    }

    /// <summary>The keys registered by now, for one pass.</summary>
    internal Table Snapshot() => _table;

    /// <summary>An immutable open-addressing table: at most a quarter full, so a foreign key mostly meets an empty place.</summary>
    internal sealed class Table
    {
        /// <summary>Room that <see cref="Head"/> takes.</summary>
        public const int HeadBytesMax = 32;

        private const int PlacesPerKey = 4;
        private readonly short[] _places;
        private readonly int _mask;

        // What an encoded attribute begins with, of one size for all keys, so that it is copied in one move.
        private readonly byte[] _heads;
        private readonly byte[] _headLengths;

        public Table(byte[][] keys)
        {
            Keys = keys;
            _heads = new byte[keys.Length * HeadBytesMax];
            _headLengths = new byte[keys.Length];
            for (var slot = 0; slot < keys.Length; slot++)
            {
                EncodeHead(slot);
            }

            _mask = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(keys.Length * PlacesPerKey, 8)) - 1;
            _places = new short[_mask + 1];
            for (var slot = 0; slot < keys.Length; slot++)
            {
                var place = Hash(keys[slot]) & _mask;
                while (_places[place] != 0)
                {
                    place = (place + 1) & _mask;
                }

                _places[place] = (short)(slot + 1);
            }
        }

        public byte[][] Keys { get; }

        /// <summary>What an encoded attribute of the key begins with: the key, and the tag of the value. Bytes behind the length are zero.</summary>
        /// <param name="slot">The key's slot.</param>
        /// <param name="length">How many bytes it has; 0 for long keys, which are not kept in this form.</param>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public ReadOnlySpan<byte> Head(int slot, out int length)
        {
            length = _headLengths[slot];
            return _heads.AsSpan(slot * HeadBytesMax, HeadBytesMax);
        }

        /// <summary>The key's slot, or -1.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public int Find(ReadOnlySpan<byte> key)
        {
            var place = Hash(key) & _mask;
            while (_places[place] != 0)
            {
                var slot = _places[place] - 1;
                if (key.SequenceEqual(Keys[slot]))
                {
                    return slot;
                }

                place = (place + 1) & _mask;
            }

            return -1;
        }

        private void EncodeHead(int slot)
        {
            var key = Keys[slot];
            if (key.Length + 3 > HeadBytesMax)
            {
                return;
            }

            var head = _heads.AsSpan(slot * HeadBytesMax, HeadBytesMax);
            head[0] = (byte)WireWriter.Tag(1, WireType.LengthDelimited);
            head[1] = (byte)key.Length;
            key.CopyTo(head[2..]);
            head[key.Length + 2] = (byte)WireWriter.Tag(2, WireType.LengthDelimited);
            _headLengths[slot] = (byte)(key.Length + 3);
        }

        /// <summary>Mixes length and both ends: keys share prefixes (<c>biz.</c>, <c>http.</c>) far more often than ends.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static int Hash(ReadOnlySpan<byte> key)
        {
            ulong mixed;
            if (key.Length >= sizeof(ulong))
            {
                mixed = BinaryPrimitives.ReadUInt64LittleEndian(key) * 31
                    ^ BinaryPrimitives.ReadUInt64LittleEndian(key[^sizeof(ulong)..]);
            }
            else if (key.Length >= sizeof(uint))
            {
                mixed = BinaryPrimitives.ReadUInt32LittleEndian(key)
                    | ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(key[^sizeof(uint)..]) << 32);
            }
            else
            {
                mixed = key.Length == 0 ? 0 : key[0] | ((ulong)key[key.Length / 2] << 8) | ((ulong)key[^1] << 16);
            }

            return (int)((((mixed ^ (ulong)key.Length) * 0x9E37_79B9_7F4A_7C15) >> 40) & int.MaxValue);
        }
    }
}
