namespace TelemetryPipeline.Processors.FinancialEnrichment.Lookups;

/// <summary>What is remembered of a key.</summary>
/// <param name="value">Its value in UTF-8; null when it has none.</param>
/// <param name="refreshAt">From when on it is fetched again, a timestamp of the clock.</param>
/// <param name="goneAt">From when on it no longer counts, a timestamp of the clock.</param>
internal sealed class CachedValue(byte[]? value, long refreshAt, long goneAt)
{
    public byte[]? Value => value;

    public long RefreshAt => refreshAt;

    public long GoneAt => goneAt;

    /// <summary>Whether it was asked for since eviction last passed by; races only cost a round.</summary>
    public bool Used { get; set; }
}
