namespace TelemetryPipeline.Processors.FinancialEnrichment.Lookups;

/// <summary>Finds values by key. Thread-safe; never waits. Disposing of it ends its background work.</summary>
internal interface IValueLookup : IAsyncDisposable
{
    /// <summary>Begins background work.</summary>
    /// <exception cref="Pipeline.ComponentStartException">A file cannot be used.</exception>
    void Start();

    /// <summary>Looks up a key.</summary>
    /// <param name="key">The key in UTF-8.</param>
    /// <param name="value">Its value in UTF-8, where found.</param>
    LookupAnswer Find(ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value);
}
