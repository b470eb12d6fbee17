namespace TelemetryPipeline.Pipeline.Configuration;

/// <summary>Lays one configuration over another: maps are joined key by key, everything else is replaced, null too.</summary>
internal static class ConfigMerge
{
    private const string PathSeparator = "::";

    /// <summary>Merges two maps; keys keep the place of their first occurrence.</summary>
    /// <param name="below">The earlier source.</param>
    /// <param name="above">The later source, which wins.</param>
    public static ConfigMap Merge(ConfigMap below, ConfigMap above)
    {
        var entries = new List<ConfigEntry>(below.Entries.Count + above.Entries.Count);
        foreach (var entry in below.Entries)
        {
            entries.Add((above.Find(entry.Key), entry.Value) switch
            {
                (null, _) => entry,
                ({ Value: ConfigMap over } found, ConfigMap under) => found with { Value = Merge(under, over) },
                ({ } found, _) => found,
            });
        }

        foreach (var entry in above.Entries)
        {
            if (below.Find(entry.Key) is null)
            {
                entries.Add(entry);
            }
        }

        return new ConfigMap { Entries = entries, Position = above.Entries.Count == 0 ? below.Position : above.Position };
    }

    /// <summary>Takes top-level keys such as <c>processors::batch::timeout</c> apart into nested maps, as every source may have them.</summary>
    /// <param name="map">The map.</param>
    public static ConfigMap SplitKeys(ConfigMap map)
    {
        var split = new ConfigMap { Entries = [], Position = map.Position };
        var any = false;
        foreach (var entry in map.Entries)
        {
            any |= entry.Key.Contains(PathSeparator, StringComparison.Ordinal);
        }

        if (!any)
        {
            return map;
        }

        foreach (var entry in map.Entries)
        {
            var keys = entry.Key.Split(PathSeparator);
            var value = entry.Value;
            for (var i = keys.Length - 1; i > 0; i--)
            {
                value = Single(keys[i], entry.KeyPosition, value);
            }

            split = Merge(split, Single(keys[0], entry.KeyPosition, value));
        }

        return split;
    }

    private static ConfigMap Single(string key, SourcePosition position, ConfigNode value) =>
        new() { Entries = [new ConfigEntry(key, position, value)], Position = position };
}
