using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace TelemetryPipeline.Processors.FieldEncryption.Keys;

/// <summary>
/// An AES-256 key in use: its ciphers, and the nonces that each of them may use. Thread-safe.
/// </summary>
/// <remarks>
/// A nonce is 8 random bytes, drawn when the key is taken into use, and a counter of 4 bytes. Within a process the
/// counter makes two alike impossible; between processes and restarts, n of which have used a key, the chance that two
/// drew the same 8 bytes is below n * n / 2^65. With 12 random bytes it would be the values that count instead of the
/// processes: 2^32 values, which a busy fleet encrypts in hours. When the counter is used up, 8 new bytes are drawn.
/// </remarks>
internal sealed class FieldKey
{
    /// <summary>Bytes of a key.</summary>
    public const int KeyBytes = 32;

    /// <summary>Nonces that a cipher takes at a time, so that threads do not fight over the counter.</summary>
    public const int NonceBlock = 256;

    private const int CounterBits = 32;
    private readonly byte[] _key = GC.AllocateUninitializedArray<byte>(KeyBytes, pinned: true);
    private readonly FieldCipher?[] _idle = new FieldCipher?[Environment.ProcessorCount];
    private readonly List<ulong> _prefixes = [];
    private readonly long _usesMax;
    private long _used;

    /// <summary>Takes a key into use.</summary>
    /// <param name="reference">How values name the key: its id, or a name and the wrapped key.</param>
    /// <param name="key">The key; copied.</param>
    /// <param name="usesMax">Values that may be encrypted with it, a multiple of <see cref="NonceBlock"/>.</param>
    /// <param name="used">Values that were; for tests.</param>
    public FieldKey(string reference, ReadOnlySpan<byte> key, long usesMax = long.MaxValue, long used = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeyBytes);
        key.CopyTo(_key);
        _usesMax = usesMax;
        _used = used;
        TextPrefix = Encoding.ASCII.GetBytes($"enc:v1:t:{reference}:");
        ValuePrefix = Encoding.ASCII.GetBytes($"enc:v1:v:{reference}:");
    }

    /// <summary>Leaves no copy behind; the ciphers' own are freed by their handles.</summary>
    ~FieldKey() => CryptographicOperations.ZeroMemory(_key);

    /// <summary>How an encrypted text begins.</summary>
    public byte[] TextPrefix { get; }

    /// <summary>How an encrypted value of another type begins.</summary>
    public byte[] ValuePrefix { get; }

    /// <summary>Nonces given out to ciphers.</summary>
    public long Used => Volatile.Read(ref _used);

    /// <summary>A cipher for one thread, until <see cref="Return"/>.</summary>
    public FieldCipher Rent() =>
        Interlocked.Exchange(ref _idle[Thread.GetCurrentProcessorId() % _idle.Length], null) ?? new FieldCipher(this, _key);

    /// <summary>Takes a cipher back, with the nonces it has left.</summary>
    public void Return(FieldCipher cipher) =>
        Interlocked.Exchange(ref _idle[Thread.GetCurrentProcessorId() % _idle.Length], cipher)?.Dispose();

    /// <summary>Whether this is the same key.</summary>
    public bool IsSameKey(ReadOnlySpan<byte> key) => CryptographicOperations.FixedTimeEquals(_key, key);

    /// <summary>Gives out <see cref="NonceBlock"/> nonces.</summary>
    /// <param name="prefix">Their first 8 bytes.</param>
    /// <param name="counter">The counter of the first.</param>
    /// <returns>False when the key has been used as often as it may.</returns>
    public bool TryTakeNonces(out ulong prefix, out uint counter)
    {
        prefix = 0;
        counter = 0;
        if (Used >= _usesMax)
        {
            return false;
        }

        var first = Interlocked.Add(ref _used, NonceBlock) - NonceBlock;
        if (first >= _usesMax)
        {
            return false;
        }

        counter = (uint)first;
        prefix = Prefix((int)(first >> CounterBits));
        return true;
    }

    private ulong Prefix(int epoch)
    {
        lock (_prefixes)
        {
            Span<byte> drawn = stackalloc byte[sizeof(ulong)];
            while (_prefixes.Count <= epoch)
            {
                RandomNumberGenerator.Fill(drawn);
                _prefixes.Add(BinaryPrimitives.ReadUInt64BigEndian(drawn));
            }

            return _prefixes[epoch];
        }
    }
}
