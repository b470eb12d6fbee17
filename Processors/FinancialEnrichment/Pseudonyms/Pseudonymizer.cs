using System.Buffers;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Pseudonyms;

/// <summary>Gives values their pseudonyms under a tenant's salts, out of the cache where it can. Not thread-safe.</summary>
/// <param name="algorithm">How pseudonyms are made.</param>
/// <param name="book">The salts.</param>
/// <param name="cache">Shared by all threads.</param>
internal sealed class Pseudonymizer(PseudonymAlgorithm algorithm, SaltBook book, PseudonymCache cache)
{
    private const int TenantBytesMax = 64;
    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdef"u8);
    private readonly PseudonymHasher _hasher = new(algorithm, book.SaltCount);
    private readonly byte[] _tenant = new byte[TenantBytesMax];
    private int _tenantLength = -1;
    private TenantSalts? _salts;
    private DateTimeOffset _now;

    /// <summary>The salt in use for the tenant; null where it has none.</summary>
    public Salt? Current { get; private set; }

    /// <summary>The salt before, while the overlap lasts.</summary>
    public Salt? Previous { get; private set; }

    /// <summary>Begins a batch.</summary>
    /// <param name="now">The time, which decides between salts.</param>
    public void Begin(DateTimeOffset now)
    {
        _now = now;
        _tenantLength = -1;
    }

    /// <summary>Chooses the tenant whose salts are used from now on.</summary>
    /// <param name="tenant">The tenant in UTF-8; empty for none.</param>
    public void Use(ReadOnlySpan<byte> tenant)
    {
        if (_tenantLength == tenant.Length && tenant.SequenceEqual(_tenant.AsSpan(0, _tenantLength)))
        {
            return;
        }

        // A tenant too long to be kept is looked up each time.
        _tenantLength = tenant.Length <= TenantBytesMax ? tenant.Length : -1;
        tenant[..Math.Max(_tenantLength, 0)].CopyTo(_tenant);
        _salts = book.Of(tenant);
        Current = _salts?.Current(_now);
        Previous = _salts?.Previous(_now);
    }

    /// <summary>Whether a value is a pseudonym already: 64 lower-case hexadecimal digits.</summary>
    public static bool IsPseudonym(ReadOnlySpan<byte> value) =>
        value.Length == PseudonymHasher.HexLength && !value.ContainsAnyExcept(HexDigits);

    /// <summary>The pseudonym of a value.</summary>
    /// <param name="salt">The salt, <see cref="Current"/> or <see cref="Previous"/>.</param>
    /// <param name="value">The sensitive value.</param>
    /// <param name="hex">Where to, <see cref="PseudonymHasher.HexLength"/> bytes.</param>
    public void Replace(Salt salt, ReadOnlySpan<byte> value, Span<byte> hex)
    {
        if (!cache.TryGet(salt.Index, value, hex))
        {
            _hasher.Hash(salt, value, hex);
            cache.Put(salt.Index, value, hex);
        }
    }
}
