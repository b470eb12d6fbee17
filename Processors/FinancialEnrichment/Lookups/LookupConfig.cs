using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Lookups;

/// <summary>One entry of <c>lookups</c>: an attribute, the attribute that is its key, and where values come from.</summary>
internal sealed record LookupConfig
{
    private const int CacheDefault = 100_000;
    private const int CacheMax = 10_000_000;

    /// <summary>The attribute that is set where the span has none.</summary>
    public required string To { get; init; }

    /// <summary>The attribute whose value is looked up.</summary>
    public required string From { get; init; }

    /// <summary>A CSV or JSON file; null for Redis.</summary>
    public TableFileConfig? File { get; init; }

    /// <summary>A Redis server; null for a file.</summary>
    public RedisLookupConfig? Redis { get; init; }

    /// <summary>After how long a value is fetched again.</summary>
    public TimeSpan TimeToLive { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>For how long it is remembered that a key has no value.</summary>
    public TimeSpan MissTimeToLive { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Keys that are remembered.</summary>
    public int CacheSize { get; init; } = CacheDefault;

    /// <summary>Whether batches wait for values that are not known yet.</summary>
    public bool Hold { get; init; }

    /// <summary>The longest wait.</summary>
    public TimeSpan HoldTime { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Reads an entry.</summary>
    public static LookupConfig Read(ConfigSection entry)
    {
        var hasFile = entry.Node("file") is not null;
        var hasRedis = entry.Node("redis") is not null;
        var file = TableFileConfig.Read(entry.Section("file"), hasFile);
        var redis = RedisLookupConfig.Read(entry.Section("redis"), hasRedis);
        if (hasFile == hasRedis)
        {
            entry.Error("", "must have exactly one of \"file\" and \"redis\"");
        }

        var lookup = new LookupConfig
        {
            To = entry.RequiredText("to"),
            From = entry.RequiredText("from"),
            File = hasFile ? file : null,
            Redis = hasRedis ? redis : null,
            TimeToLive = entry.Duration("ttl", TimeSpan.FromMinutes(10), TimeSpan.FromMilliseconds(1)),
            MissTimeToLive = entry.Duration("miss_ttl", TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(1)),
            CacheSize = entry.Int32("cache_size", CacheDefault, 1, CacheMax),
            Hold = entry.Word("unknown", false, ("forward", false), ("hold", true)),
            HoldTime = entry.Duration("hold_time", TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(1)),
        };
        if (hasFile)
        {
            foreach (var key in (ReadOnlySpan<string>)["ttl", "miss_ttl", "cache_size", "unknown", "hold_time"])
            {
                if (entry.Node(key) is not null)
                {
                    entry.Error(key, "is not used with \"file\", whose values are all known, remove it");
                }
            }
        }

        entry.Finish();
        return lookup;
    }
}
