using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Pipeline.Sending;

/// <summary>The settings every exporter with a network behind it shares: <c>sending_queue</c>, <c>retry_on_failure</c>, <c>timeout</c>.</summary>
/// <remarks>Keys, defaults and rules are those of the Collector's <c>exporterhelper</c> and <c>configretry</c>.</remarks>
public sealed record SendingConfig
{
    private const string StorageSetting = "sending_queue::storage";

    /// <summary>The queue.</summary>
    public required QueueConfig Queue { get; init; }

    /// <summary>The retries.</summary>
    public required RetryConfig Retry { get; init; }

    /// <summary>The time limit of one attempt.</summary>
    /// <value>0 for none. Default 5 s.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The settings of an exporter that says nothing about sending.</summary>
    /// <param name="defaults">The exporter's defaults.</param>
    public static SendingConfig Default(SendingDefaults defaults) =>
        new() { Queue = defaults.Queue, Retry = defaults.Retry, Timeout = defaults.Timeout };

    /// <summary>Reads the three keys from an exporter's section. The caller reads its own keys and finishes the section.</summary>
    /// <param name="section">The exporter's section.</param>
    /// <param name="defaults">What applies where the section is silent.</param>
    public static SendingConfig Read(ConfigSection section, SendingDefaults defaults)
    {
        var queue = ReadQueueSection(section.Section("sending_queue"), defaults);

        // What is safe on disk is not given up unless somebody says so.
        var retry = queue is { Enabled: true, Storage: not null }
            ? defaults.Retry with { MaxElapsedTime = TimeSpan.Zero }
            : defaults.Retry;
        return new SendingConfig
        {
            Queue = queue,
            Retry = ReadRetry(section.Section("retry_on_failure"), retry),
            Timeout = section.Duration("timeout", defaults.Timeout),
        };
    }

    /// <summary>Reads <c>sending_queue</c> alone, for exporters whose other settings have keys of their own.</summary>
    /// <param name="section">The exporter's section.</param>
    /// <param name="defaults">What applies where the section is silent, and all of the other settings.</param>
    public static SendingConfig ReadQueue(ConfigSection section, SendingDefaults defaults) =>
        Default(defaults) with { Queue = ReadQueueSection(section.Section("sending_queue"), defaults) };

    /// <summary>Reads <c>sending_queue</c> alone, for exporters that have nothing to repeat; without the key there is no queue.</summary>
    /// <param name="section">The exporter's section.</param>
    public static SendingConfig ReadOptionalQueue(ConfigSection section)
    {
        var defaults = new SendingDefaults { Queue = new QueueConfig { Enabled = section.Has("sending_queue") } };
        return new SendingConfig
        {
            Queue = ReadQueueSection(section.Section("sending_queue"), defaults),
            Retry = new RetryConfig { Enabled = false },
            Timeout = TimeSpan.Zero,
        };
    }

    /// <summary>The storage extension where the queue is on disk, for <see cref="ComponentPlan{TCreate}.RequiredExtensions"/>.</summary>
    public IEnumerable<(string Setting, ComponentId Extension)> RequiredExtensions() =>
        Queue is { Enabled: true, Storage: { } storage } ? [(StorageSetting, storage)] : [];

    private static QueueConfig ReadQueueSection(ConfigSection section, SendingDefaults defaults)
    {
        var fallback = defaults.Queue;
        var sizerIsSet = section.Node("sizer") is not null;
        var sizer = section.Word("sizer", fallback.Sizer, Sizers);
        var queue = new QueueConfig
        {
            Enabled = section.Bool("enabled", fallback.Enabled),
            NumConsumers = section.Int32("num_consumers", fallback.NumConsumers, min: 1),
            QueueSize = section.Int64("queue_size", fallback.QueueSize, min: 1),
            Sizer = sizer,
            WaitForResult = section.Bool("wait_for_result", fallback.WaitForResult),
            BlockOnOverflow = section.Bool("block_on_overflow", fallback.BlockOnOverflow),
            Storage = section.Id("storage") ?? fallback.Storage,
            Batch = ReadBatch(section, fallback.Batch, defaults.Batch, sizerIsSet ? sizer : null),
        };
        section.Unsupported(
            "the number of requests under way is num_consumers", "concurrency_controller");
        section.Unsupported("it was removed from the Collector; use block_on_overflow", "blocking");
        Check(section, queue);
        section.Finish();
        return queue;
    }

    private static void Check(ConfigSection section, QueueConfig queue)
    {
        if (!queue.Enabled)
        {
            return;
        }

        if (queue is { WaitForResult: true, Storage: { } storage })
        {
            section.Error(
                "wait_for_result", $"must be false with storage, which answers once the data is on disk, got true with storage {storage}");
        }

        if (queue.Batch is { } batch && batch.Sizer == queue.Sizer && batch.MinSize > queue.QueueSize)
        {
            section.Error(
                "batch", $"min_size must be at most queue_size {queue.QueueSize}, else no batch ever fills, got {batch.MinSize}");
        }
    }

    private static QueueBatchConfig? ReadBatch(
        ConfigSection parent, QueueBatchConfig? fallback, QueueBatchConfig empty, QueueSizer? queueSizer)
    {
        if (!parent.Has("batch") || parent.Node("batch") is null)
        {
            return fallback;
        }

        var section = parent.Section("batch");
        var defaults = fallback ?? empty;
        var partition = section.Section("partition");
        var enabled = section.Bool("enabled", true);
        var batch = new QueueBatchConfig
        {
            FlushTimeout = section.Duration("flush_timeout", defaults.FlushTimeout, min: TimeSpan.FromTicks(1)),
            MinSize = section.Int64("min_size", defaults.MinSize, min: 0),
            MaxSize = section.Int64("max_size", defaults.MaxSize, min: 0),
            Sizer = section.Word("sizer", queueSizer ?? defaults.Sizer, Sizers),
            MetadataKeys = partition.Texts("metadata_keys", defaults.MetadataKeys),
        };
        Check(section, partition, batch);
        partition.Finish();
        section.Finish();
        return enabled ? batch : null;
    }

    private static void Check(ConfigSection section, ConfigSection partition, QueueBatchConfig batch)
    {
        if (batch.Sizer == QueueSizer.Requests)
        {
            section.Error("sizer", "must be items or bytes, got requests; requests is also taken over from the queue's sizer");
        }

        if (batch.MaxSize > 0 && batch.MaxSize < batch.MinSize)
        {
            section.Error("max_size", $"must be 0 or at least min_size {batch.MinSize}, got {batch.MaxSize}");
        }

        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var key in batch.MetadataKeys)
        {
            if (!seen.Add(key))
            {
                partition.Error("metadata_keys", $"must not name a key twice (in any case), got \"{key}\" again");
            }
        }
    }

    private static RetryConfig ReadRetry(ConfigSection section, RetryConfig defaults)
    {
        var retry = new RetryConfig
        {
            Enabled = section.Bool("enabled", defaults.Enabled),
            InitialInterval = section.Duration("initial_interval", defaults.InitialInterval),
            RandomizationFactor = section.Float("randomization_factor", defaults.RandomizationFactor, 0, 1),
            Multiplier = section.Float("multiplier", defaults.Multiplier, 0, 1e6),
            MaxInterval = section.Duration("max_interval", defaults.MaxInterval),
            MaxElapsedTime = section.Duration("max_elapsed_time", defaults.MaxElapsedTime),
        };
        if (retry.Enabled && retry.MaxElapsedTime > TimeSpan.Zero)
        {
            var got = $"got {GoDuration.Format(retry.MaxElapsedTime)}";
            if (retry.MaxElapsedTime < retry.InitialInterval)
            {
                section.Error("max_elapsed_time", $"must be 0 or at least initial_interval {GoDuration.Format(retry.InitialInterval)}, {got}");
            }
            else if (retry.MaxElapsedTime < retry.MaxInterval)
            {
                section.Error("max_elapsed_time", $"must be 0 or at least max_interval {GoDuration.Format(retry.MaxInterval)}, {got}");
            }
        }

        section.Finish();
        return retry;
    }

    private static ReadOnlySpan<(string Word, QueueSizer Value)> Sizers => new (string, QueueSizer)[]
    {
        ("requests", QueueSizer.Requests), ("items", QueueSizer.Items), ("bytes", QueueSizer.Bytes),
    };
}
