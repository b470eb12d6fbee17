using System.Buffers;
using TelemetryPipeline.Processors.FieldEncryption.Format;
using TelemetryPipeline.Processors.FinancialEnrichment.Pseudonyms;

namespace TelemetryPipeline.Processors.FieldEncryption;

/// <summary>Writes <c>hash:v1:key:digits</c> under a tenant's hash key. Not thread-safe.</summary>
/// <param name="algorithm">How.</param>
/// <param name="keys">The keys in use.</param>
internal sealed class FieldHasher(PseudonymAlgorithm algorithm, SaltStore keys)
{
    private SaltsInUse _inUse = keys.Current;
    private Pseudonymizer _pseudonyms = new(algorithm, keys.Current.Book, keys.Current.Cache);

    /// <summary>Begins a batch.</summary>
    /// <param name="now">The time, which decides between keys.</param>
    public void Begin(DateTimeOffset now)
    {
        if (keys.Current is var current && current != _inUse)
        {
            _inUse = current;
            _pseudonyms = new Pseudonymizer(algorithm, current.Book, current.Cache);
        }

        _pseudonyms.Begin(now);
    }

    /// <summary>Writes the hash of a text as a value.</summary>
    /// <param name="tenant">The tenant in UTF-8; empty for none.</param>
    /// <param name="text">The text.</param>
    /// <param name="output">Where to.</param>
    /// <returns>False when the tenant has no key.</returns>
    public bool TryWrite(ReadOnlySpan<byte> tenant, ReadOnlySpan<byte> text, IBufferWriter<byte> output)
    {
        _pseudonyms.Use(tenant);
        if (_pseudonyms.Current is not { } key)
        {
            return false;
        }

        var prefix = ProtectedText.HashPrefix;
        var length = prefix.Length + key.Id.Length + 1 + PseudonymHasher.HexLength;
        var target = TextValue.Begin(output, length);
        prefix.CopyTo(target);
        key.Id.CopyTo(target[prefix.Length..]);
        target[prefix.Length + key.Id.Length] = (byte)':';
        _pseudonyms.Replace(key, text, target[^PseudonymHasher.HexLength..]);
        TextValue.End(output, length);
        return true;
    }
}
