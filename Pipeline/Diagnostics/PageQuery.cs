namespace TelemetryPipeline.Pipeline.Diagnostics;

/// <summary>Reads the query of a URL.</summary>
internal static class PageQuery
{
    private static readonly Dictionary<string, string> Empty = [];

    /// <summary>Names and values, decoded; the first of several equal names counts.</summary>
    /// <param name="query">The query with or without its question mark.</param>
    public static IReadOnlyDictionary<string, string> Parse(string query)
    {
        var rest = query.AsSpan().TrimStart('?');
        if (rest.IsEmpty)
        {
            return Empty;
        }

        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var range in rest.Split('&'))
        {
            var pair = rest[range];
            var equals = pair.IndexOf('=');
            var name = Decode(equals < 0 ? pair : pair[..equals]);
            if (name.Length > 0)
            {
                values.TryAdd(name, equals < 0 ? "" : Decode(pair[(equals + 1)..]));
            }
        }

        return values;
    }

    private static string Decode(ReadOnlySpan<char> text) =>
        Uri.UnescapeDataString(text.ToString().Replace('+', ' '));
}
