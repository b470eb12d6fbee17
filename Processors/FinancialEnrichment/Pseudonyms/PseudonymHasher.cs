using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Macs;
using Org.BouncyCastle.Crypto.Parameters;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Pseudonyms;

/// <summary>Makes pseudonyms. Keeps the state after each salt, so that only the value is hashed. Not thread-safe.</summary>
internal sealed class PseudonymHasher(PseudonymAlgorithm algorithm, int saltCount)
{
    /// <summary>Length of a pseudonym: 32 bytes in hexadecimal.</summary>
    public const int HexLength = 64;

    private const int HashBytes = 32;
    private readonly SM3Digest _digest = new();
    private readonly SM3Digest?[] _salted = new SM3Digest?[saltCount];
    private readonly HMac?[] _keyed = new HMac?[saltCount];

    /// <summary>Makes a pseudonym.</summary>
    /// <param name="salt">The salt.</param>
    /// <param name="value">The sensitive value.</param>
    /// <param name="hex">Where to, <see cref="HexLength"/> bytes.</param>
    public void Hash(Salt salt, ReadOnlySpan<byte> value, Span<byte> hex)
    {
        Span<byte> hash = stackalloc byte[HashBytes];
        switch (algorithm)
        {
            case PseudonymAlgorithm.HmacSha256:
                HMACSHA256.HashData(salt.Bytes, value, hash);
                break;
            case PseudonymAlgorithm.HmacSm3:
                var mac = _keyed[salt.Index] ??= Keyed(salt);
                mac.BlockUpdate(value);
                mac.DoFinal(hash);
                break;
            default:
                _digest.Reset(_salted[salt.Index] ??= Salted(salt));
                _digest.BlockUpdate(value);
                _digest.DoFinal(hash);
                break;
        }

        Convert.TryToHexStringLower(hash, hex, out _);
    }

    private static SM3Digest Salted(Salt salt)
    {
        var digest = new SM3Digest();
        digest.BlockUpdate(salt.Bytes);
        return digest;
    }

    private static HMac Keyed(Salt salt)
    {
        var mac = new HMac(new SM3Digest());
        mac.Init(new KeyParameter(salt.Bytes));
        return mac;
    }
}
