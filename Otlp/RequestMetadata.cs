namespace TelemetryPipeline.Otlp;

/// <summary>Headers of the request a batch arrived with, for <c>include_metadata</c>, <c>metadata_keys</c> and <c>from_context</c>.</summary>
public sealed class RequestMetadata
{
    private readonly Dictionary<string, IReadOnlyList<string>> _headers;

    /// <summary>Takes over the headers; names are compared without regard to case.</summary>
    /// <param name="headers">Header values by name.</param>
    public RequestMetadata(IEnumerable<KeyValuePair<string, IReadOnlyList<string>>> headers) =>
        _headers = new Dictionary<string, IReadOnlyList<string>>(headers, StringComparer.OrdinalIgnoreCase);

    /// <summary>Every header.</summary>
    public IEnumerable<KeyValuePair<string, IReadOnlyList<string>>> Headers => _headers;

    /// <summary>The values of a header; empty when it was not sent.</summary>
    /// <param name="name">The header's name in any case.</param>
    public IReadOnlyList<string> Get(string name) => _headers.TryGetValue(name, out var values) ? values : [];
}
