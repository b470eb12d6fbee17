using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Processors.Batch;

/// <summary>Options of the <c>batch</c> processor, with the Collector's keys and defaults.</summary>
public sealed record BatchConfig
{
    private const int KeysMax = 16;

    /// <summary>Items that make a batch go out at once.</summary>
    /// <value>Items, 0 or more; 0 sends everything at once. Default 8192.</value>
    public int SendBatchSize { get; init; } = 8192;

    /// <summary>Longest time an item waits for its batch to fill.</summary>
    /// <value>Duration, 0 or more; 0 sends everything at once. Default 200 ms.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Items in a batch at most; larger ones are split.</summary>
    /// <value>Items, 0 or at least <see cref="SendBatchSize"/>; 0 means no limit. Default 0.</value>
    public int SendBatchMaxSize { get; init; }

    /// <summary>Request headers whose values keep batches apart.</summary>
    /// <value>Up to 16 names, in any case. Default none.</value>
    public IReadOnlyList<string> MetadataKeys { get; init; } = [];

    /// <summary>Distinct combinations of header values at most.</summary>
    /// <value>1 or more. Default 1000.</value>
    public int MetadataCardinalityLimit { get; init; } = 1000;

    /// <summary>Whether nothing waits for company.</summary>
    internal bool SendsAtOnce => SendBatchSize == 0 || Timeout == TimeSpan.Zero;

    /// <summary>Reads and validates the section.</summary>
    /// <param name="section">The component's section.</param>
    internal static BatchConfig Read(ConfigSection section)
    {
        var defaults = new BatchConfig();
        var config = new BatchConfig
        {
            SendBatchSize = section.Int32("send_batch_size", defaults.SendBatchSize, 0),
            Timeout = section.Duration("timeout", defaults.Timeout),
            SendBatchMaxSize = section.Int32("send_batch_max_size", defaults.SendBatchMaxSize, 0),
            MetadataKeys = section.Texts("metadata_keys"),
            MetadataCardinalityLimit = section.Int32("metadata_cardinality_limit", defaults.MetadataCardinalityLimit, 1),
        };
        if (config.SendBatchMaxSize > 0 && config.SendBatchMaxSize < config.SendBatchSize)
        {
            section.Error(
                "send_batch_max_size",
                $"send_batch_max_size must be greater or equal to send_batch_size ({config.SendBatchSize}), got {config.SendBatchMaxSize}");
        }

        ValidateKeys(section, config.MetadataKeys);
        return config;
    }

    private static void ValidateKeys(ConfigSection section, IReadOnlyList<string> keys)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var key in keys)
        {
            if (!seen.Add(key))
            {
                section.Error("metadata_keys", $"duplicate entry in metadata_keys: \"{key}\" (case-insensitive)");
            }
        }

        if (keys.Count > KeysMax)
        {
            section.Error("metadata_keys", $"must have at most {KeysMax} entries, got {keys.Count}");
        }
    }
}
