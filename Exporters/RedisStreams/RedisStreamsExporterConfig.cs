using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Sending;
using TelemetryPipeline.Redis;
using TelemetryPipeline.Transfers;

namespace TelemetryPipeline.Exporters.RedisStreams;

/// <summary>Settings of the <c>redis_streams</c> exporter.</summary>
internal sealed record RedisStreamsExporterConfig
{
    private const int PartitionsMax = 1024;
    private const int StreamsDefault = 1000;
    private const int StreamsMax = 100_000;
    private const int InFlightDefault = 2048;
    private const int InFlightMax = 1_000_000;
    private static readonly TimeSpan TimeToLiveMin = TimeSpan.FromSeconds(1);

    /// <summary>The resource attributes of flat entries where the configuration is silent.</summary>
    public static readonly IReadOnlyList<string> DefaultResourceAttributes =
        ["service.namespace", "service.instance.id", "service.version", "deployment.environment.name", BusinessKeys.Tenant];

    /// <summary>Where Redis is and who connects.</summary>
    public required RedisConnectionConfig Connection { get; init; }

    /// <summary>Queue, retries and time limit.</summary>
    public required SendingConfig Sending { get; init; }

    /// <summary>The names of streams.</summary>
    public required StreamNameTemplate Stream { get; init; }

    /// <summary>What an entry holds.</summary>
    public StreamEncoding Encoding { get; init; }

    /// <summary>How many streams the attributes in the template may make; items beyond go to the stream <c>_overflow</c>.</summary>
    /// <value>1 to 100000, default 1000.</value>
    public int MaxStreams { get; init; } = StreamsDefault;

    /// <summary>Keys that each stream is spread over.</summary>
    /// <value>1 to 1024, default 1.</value>
    public int Partitions { get; init; } = 1;

    /// <summary>What decides on the partition.</summary>
    public PartitionBy PartitionBy { get; init; }

    /// <summary>The attribute with <see cref="PartitionBy.Attribute"/>.</summary>
    public string? PartitionAttribute { get; init; }

    /// <summary>Entries that a key keeps, about; the oldest go.</summary>
    /// <value>0, the default, keeps all.</value>
    public long MaxLength { get; init; }

    /// <summary>How old entries become, about, by Redis's clock.</summary>
    /// <value>0, the default, keeps all. Not together with <see cref="MaxLength"/>.</value>
    public TimeSpan MaxAge { get; init; }

    /// <summary>After how long without a new entry a key goes.</summary>
    /// <value>0, the default, for never; else 1 s or more.</value>
    public TimeSpan TimeToLive { get; init; }

    /// <summary>Commands that may wait for their answer at the same time.</summary>
    /// <value>1 to 1000000, default 2048.</value>
    public int MaxInFlight { get; init; } = InFlightDefault;

    /// <summary>The attributes of items that flat entries have; empty for all.</summary>
    public IReadOnlyList<string> Attributes { get; init; } = [];

    /// <summary>The attributes of the resource that flat entries have; a single <c>*</c> for all.</summary>
    public IReadOnlyList<string> ResourceAttributes { get; init; } = DefaultResourceAttributes;

    /// <summary>Reads the exporter's section.</summary>
    /// <param name="section">The section.</param>
    public static RedisStreamsExporterConfig Read(ConfigSection section)
    {
        var encoding = section.Word(
            "encoding", StreamEncoding.OtlpProto,
            (EntryField.OtlpProto, StreamEncoding.OtlpProto), (EntryField.OtlpJson, StreamEncoding.OtlpJson), ("flat", StreamEncoding.Flat));
        var config = new RedisStreamsExporterConfig
        {
            Connection = RedisConnectionConfig.Read(section),
            Sending = SendingConfig.Read(section, new SendingDefaults()),
            Stream = ReadTemplate(section),
            Encoding = encoding,
            MaxStreams = section.Int32("max_streams", StreamsDefault, 1, StreamsMax),
            Partitions = section.Int32("partitions", 1, 1, PartitionsMax),
            PartitionBy = section.Word(
                "partition_by", PartitionBy.TraceId,
                ("trace_id", PartitionBy.TraceId), ("none", PartitionBy.None), ("attribute", PartitionBy.Attribute)),
            PartitionAttribute = section.Text("partition_attribute") is { Length: > 0 } key ? key : null,
            MaxLength = section.Int64("max_len", 0, 0),
            MaxAge = section.Duration("max_age", TimeSpan.Zero),
            TimeToLive = section.Duration("ttl", TimeSpan.Zero),
            MaxInFlight = section.Int32("max_in_flight", InFlightDefault, 1, InFlightMax),
            Attributes = section.Texts("attributes"),
            ResourceAttributes = section.Texts("resource_attributes", DefaultResourceAttributes),
        };
        Check(section, config);
        section.Finish();
        return config;
    }

    private static StreamNameTemplate ReadTemplate(ConfigSection section)
    {
        var text = section.Text("stream", StreamKeyNames.Default)!;
        if (!StreamNameTemplate.TryParse(text, out var template, out var problem))
        {
            section.Error("stream", $"{problem}, got \"{text}\"");
        }

        return template;
    }

    private static void Check(ConfigSection section, RedisStreamsExporterConfig config)
    {
        if (config is { MaxLength: > 0 } && config.MaxAge > TimeSpan.Zero)
        {
            section.Error("max_age", "must not be set together with max_len: Redis trims by one of them");
        }

        if (config.TimeToLive > TimeSpan.Zero && config.TimeToLive < TimeToLiveMin)
        {
            section.Error("ttl", "must be 0 or 1s or more");
        }

        if (config.PartitionBy == PartitionBy.Attribute && config.PartitionAttribute is null)
        {
            section.Error("partition_attribute", "must be set where partition_by is attribute");
        }
        else if (config.PartitionBy != PartitionBy.Attribute && config.PartitionAttribute is not null)
        {
            section.Error("partition_attribute", "must not be set unless partition_by is attribute");
        }

        if (config.Encoding != StreamEncoding.Flat)
        {
            foreach (var key in (ReadOnlySpan<string>)["attributes", "resource_attributes"])
            {
                if (section.Has(key))
                {
                    section.Error(key, "is used with encoding flat only, remove it");
                }
            }
        }
    }
}
