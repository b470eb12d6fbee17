using System.Linq;
using OpenTelemetry.Proto.Collector.Trace.V1;
using StackExchange.Redis;

namespace TelemetryPipeline.IntegrationTests.RedisStreams;

/// <summary>An entry of a stream.</summary>
/// <param name="Key">The stream's key.</param>
/// <param name="Fields">Its fields.</param>
internal sealed record StoredEntry(string Key, IReadOnlyDictionary<string, RedisValue> Fields)
{
    /// <summary>What recognises the entry when it was written again.</summary>
    public string Id => Fields["id"]!;
}

/// <summary>What is in streams, read with a client and a codec that are not ours.</summary>
internal static class StreamContents
{
    private const int PageSize = 500;

    /// <summary>Every entry of the given keys.</summary>
    public static async Task<List<StoredEntry>> ReadAsync(IDatabase database, params IEnumerable<string> keys)
    {
        var entries = new List<StoredEntry>();
        await ReadOnAsync(database, entries, [], keys);
        return entries;
    }

    /// <summary>Adds the entries that came since the last call.</summary>
    /// <param name="database">The server.</param>
    /// <param name="entries">Takes the entries.</param>
    /// <param name="positions">How far each key was read; empty for the first call.</param>
    /// <param name="keys">The keys.</param>
    public static async Task ReadOnAsync(
        IDatabase database, List<StoredEntry> entries, Dictionary<string, RedisValue> positions, IEnumerable<string> keys)
    {
        foreach (var key in keys)
        {
            while (await database.StreamRangeAsync(key, positions.GetValueOrDefault(key, "-"), "+", PageSize) is { Length: > 0 } page)
            {
                entries.AddRange(page.Select(e => new StoredEntry(key, e.Values.ToDictionary(v => (string)v.Name!, v => v.Value))));
                positions[key] = "(" + page[^1].Id;
            }
        }
    }

    /// <summary>The spans of an entry in protobuf: id and trace id in hex.</summary>
    public static List<(string SpanId, string TraceId)> Spans(StoredEntry entry) =>
    [
        .. ExportTraceServiceRequest.Parser.ParseFrom((byte[])entry.Fields["data"]!).ResourceSpans
            .SelectMany(r => r.ScopeSpans).SelectMany(s => s.Spans)
            .Select(s => (Hex(s.SpanId), Hex(s.TraceId))),
    ];

    private static string Hex(Google.Protobuf.ByteString id) => Convert.ToHexStringLower(id.Span);
}
