using System.Buffers.Binary;
using System.Text;

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
        private const int PlacesPerKey = 4;
        private readonly short[] _places;
        private readonly int _mask;

        public Table(byte[][] keys)
        {
            Keys = keys;
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

        /// <summary>The key's slot, or -1.</summary>
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

        /// <summary>Mixes length and both ends: keys share prefixes (<c>biz.</c>, <c>http.</c>) far more often than ends.</summary>
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
