using TelemetryPipeline.Processors.FieldEncryption.Format;

namespace TelemetryPipeline.Processors.FieldEncryption.Keys;

/// <summary>Keys that are at hand. Immutable.</summary>
/// <param name="keys">Each key with when it encrypts.</param>
internal sealed class LocalKeyRing(IReadOnlyList<(KeyConfig Config, FieldKey Key)> keys) : IKeyRing
{
    /// <summary>All of them.</summary>
    public IReadOnlyList<(KeyConfig Config, FieldKey Key)> Keys => keys;

    /// <summary>The key whose time began last, while it lasts.</summary>
    public FieldKey? Current(DateTimeOffset now, out RedactionReason reason)
    {
        reason = RedactionReason.KeyExpired;
        FieldKey? current = null;
        var from = DateTimeOffset.MinValue;
        for (var i = 0; i < keys.Count; i++)
        {
            var (config, key) = keys[i];
            if (config.From <= now && config.Until > now && (current is null || config.From >= from))
            {
                current = key;
                from = config.From;
            }
        }

        return current;
    }
}
