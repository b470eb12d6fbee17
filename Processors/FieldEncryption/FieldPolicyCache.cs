using System.IO.Hashing;
using TelemetryPipeline.Processors.FieldEncryption.Policies;

namespace TelemetryPipeline.Processors.FieldEncryption;

/// <summary>
/// Remembers which policies are for a field, since the same keys come again and again. Bounded, without allocation; not
/// thread-safe.
/// </summary>
/// <param name="policies">The policies.</param>
internal sealed class FieldPolicyCache(PolicyBook policies)
{
    private const int Places = 256;
    private const int KeyBytesMax = 48;
    private readonly byte[] _keys = new byte[Places * KeyBytesMax];
    private readonly byte[] _lengths = new byte[Places];
    private readonly ulong[] _policies = new ulong[Places];

    /// <summary>Policies that are for a field.</summary>
    /// <param name="key">The attribute's key in UTF-8.</param>
    public ulong Of(ReadOnlySpan<byte> key)
    {
        if (key.Length is 0 or > KeyBytesMax)
        {
            return policies.OfField(key);
        }

        var place = (int)(XxHash3.HashToUInt64(key) % Places);
        var known = _keys.AsSpan(place * KeyBytesMax, KeyBytesMax);
        if (_lengths[place] != key.Length || !known[..key.Length].SequenceEqual(key))
        {
            key.CopyTo(known);
            _lengths[place] = (byte)key.Length;
            _policies[place] = policies.OfField(key);
        }

        return _policies[place];
    }
}
