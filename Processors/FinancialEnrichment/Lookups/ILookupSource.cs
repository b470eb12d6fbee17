namespace TelemetryPipeline.Processors.FinancialEnrichment.Lookups;

/// <summary>Where a <see cref="CachedLookup"/> gets its values: a server.</summary>
internal interface ILookupSource : IAsyncDisposable
{
    /// <summary>Fetches values.</summary>
    /// <param name="keys">The keys in UTF-8.</param>
    /// <param name="cancellation">Ends waiting.</param>
    /// <returns>The values in the order of the keys, null for none.</returns>
    /// <exception cref="LookupFailedException">The server did not answer.</exception>
    Task<byte[]?[]> FetchAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellation);
}
