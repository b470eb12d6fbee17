using System.Globalization;
using System.Security.Cryptography;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Redis;

namespace TelemetryPipeline.Receiver.RedisStreams;

/// <summary>Settings of the <c>redis_streams</c> receiver.</summary>
internal sealed record RedisStreamsReceiverConfig
{
    private const int KeysMax = 4096;
    private const int PartitionsMax = 1024;
    private const int BatchDefault = 64;
    private const int BatchMax = 10_000;
    private const int DeliveriesDefault = 5;
    private const int DeadLettersDefault = 10_000;
    private static readonly TimeSpan TimeoutDefault = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PollDefault = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MinIdleDefault = TimeSpan.FromSeconds(60);

    /// <summary>Where Redis is and who connects.</summary>
    public required RedisConnectionConfig Connection { get; init; }

    /// <summary>How long a connection and an answer may take.</summary>
    /// <value>10 ms or more, default 5 s.</value>
    public TimeSpan Timeout { get; init; } = TimeoutDefault;

    /// <summary>Names of streams; <c>{signal}</c> in one stands for each signal that has a pipeline.</summary>
    public IReadOnlyList<string> Streams { get; init; } = [StreamKeyNames.Default];

    /// <summary>Keys that each stream is spread over, as its writer was told.</summary>
    /// <value>1 to 1024, default 1.</value>
    public int Partitions { get; init; } = 1;

    /// <summary>The consumer group; collectors of one group share the load.</summary>
    public string Group { get; init; } = "telemetry-pipeline";

    /// <summary>The name within the group, different for each collector.</summary>
    public string Consumer { get; init; } = "";

    /// <summary>Whether a new group begins with what is in the stream already, rather than with what comes.</summary>
    public bool FromBeginning { get; init; } = true;

    /// <summary>Entries read at once.</summary>
    /// <value>1 to 10000, default 64.</value>
    public int BatchSize { get; init; } = BatchDefault;

    /// <summary>The longest time between two looks at a stream that has nothing new.</summary>
    /// <value>1 ms or more, default 100 ms.</value>
    public TimeSpan PollInterval { get; init; } = PollDefault;

    /// <summary>After how long without a word from its consumer an entry is taken over.</summary>
    /// <value>100 ms or more, default 60 s.</value>
    public TimeSpan ClaimMinIdle { get; init; } = MinIdleDefault;

    /// <summary>Deliveries after which an entry that was never acknowledged goes to the dead letters.</summary>
    /// <value>1 or more, default 5.</value>
    public int MaxDeliveries { get; init; } = DeliveriesDefault;

    /// <summary>What the key of the dead letters has behind the stream's.</summary>
    public string DeadLetterSuffix { get; init; } = ":dead";

    /// <summary>Dead letters kept for each key, about; the oldest go.</summary>
    /// <value>1 or more, default 10000.</value>
    public int DeadLetterMaxLength { get; init; } = DeadLettersDefault;

    /// <summary>Reads the receiver's section.</summary>
    /// <param name="section">The section.</param>
    public static RedisStreamsReceiverConfig Read(ConfigSection section)
    {
        var config = new RedisStreamsReceiverConfig
        {
            Connection = RedisConnectionConfig.Read(section),
            Timeout = section.Duration("timeout", TimeoutDefault, TimeSpan.FromMilliseconds(10)),
            Streams = section.Texts("streams", StreamKeyNames.Default),
            Partitions = section.Int32("partitions", 1, 1, PartitionsMax),
            Group = NotEmpty(section, "group", "telemetry-pipeline"),
            Consumer = section.Has("consumer") ? NotEmpty(section, "consumer", "") : OwnName(),
            FromBeginning = section.Word("start_at", true, ("beginning", true), ("end", false)),
            BatchSize = section.Int32("batch_size", BatchDefault, 1, BatchMax),
            PollInterval = section.Duration("poll_interval", PollDefault, TimeSpan.FromMilliseconds(1)),
            ClaimMinIdle = section.Duration("claim_min_idle", MinIdleDefault, TimeSpan.FromMilliseconds(100)),
            MaxDeliveries = section.Int32("max_deliveries", DeliveriesDefault, 1),
            DeadLetterSuffix = NotEmpty(section, "dead_letter_suffix", ":dead"),
            DeadLetterMaxLength = section.Int32("dead_letter_max_len", DeadLettersDefault, 1),
        };
        Check(section, config);
        section.Finish();
        return config;
    }

    /// <summary>The keys to read.</summary>
    /// <param name="signals">The signals that have a pipeline.</param>
    public IEnumerable<string> Keys(IReadOnlyList<Signal> signals)
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (var stream in Streams)
        {
            foreach (var signal in signals)
            {
                for (var partition = 0; partition < Partitions; partition++)
                {
                    keys.Add(StreamKeyNames.Partition(StreamKeyNames.For(stream, signal), partition, Partitions));
                }
            }
        }

        return keys;
    }

    private static void Check(ConfigSection section, RedisStreamsReceiverConfig config)
    {
        if (config.Streams.Count == 0)
        {
            section.Error("streams", "must have at least one name");
        }

        if ((long)config.Streams.Count * config.Partitions * SignalNames.Count > KeysMax)
        {
            section.Error("streams", $"must make at most {KeysMax} keys, which names, partitions and signals multiplied are");
        }

        foreach (var stream in config.Streams)
        {
            var rest = stream.Replace(StreamKeyNames.SignalPlace, "", StringComparison.Ordinal);
            if (stream.Length == 0 || rest.Contains('{', StringComparison.Ordinal) || rest.Contains('}', StringComparison.Ordinal))
            {
                section.Error("streams", $"must be names in which only {StreamKeyNames.SignalPlace} has braces, got \"{stream}\"");
            }
        }
    }

    private static string NotEmpty(ConfigSection section, string key, string fallback)
    {
        var text = section.Text(key, fallback)!;
        if (text.Length == 0)
        {
            section.Error(key, "must not be empty, got \"\"");
        }

        return text;
    }

    // A name of its own for each run: a process that takes the place of a dead one must not be taken for it.
    private static string OwnName() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Environment.MachineName}-{Environment.ProcessId}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}");
}
