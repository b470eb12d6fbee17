using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Exporters.Elasticsearch.Cluster;

/// <summary>What the exporter installs in the cluster (<c>templates</c>); ours, the Collector has nothing like it.</summary>
internal sealed record TemplatesConfig
{
    private const int PriorityDefault = 250;

    /// <summary>Whether anything is installed.</summary>
    /// <value>Default false.</value>
    public bool Enabled { get; init; }

    /// <summary>Priority of the index templates; the cluster's own have up to 120.</summary>
    /// <value>0 or more. Default 250.</value>
    public int Priority { get; init; } = PriorityDefault;

    /// <summary>Whether old data is deleted, by index lifecycle or index state management.</summary>
    /// <value>Default true.</value>
    public bool LifecycleEnabled { get; init; } = true;

    /// <summary>How long data is kept.</summary>
    /// <value>1 h or more. Default 180 days.</value>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(180);

    /// <summary>After how long a new backing index is begun.</summary>
    /// <value>1 h or more. Default 1 day.</value>
    public TimeSpan RolloverAge { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Primary shards of an index.</summary>
    /// <value>1 or more. Default 1.</value>
    public int Shards { get; init; } = 1;

    /// <summary>Copies of a shard beside the primary one.</summary>
    /// <value>0 or more; null leaves it to the cluster. Default null.</value>
    public int? Replicas { get; init; }

    /// <summary>Whether documents get <c>event.ingested</c>, the time at which the cluster took them, by an ingest pipeline.</summary>
    /// <value>Default false.</value>
    public bool IngestTimestamp { get; init; }

    /// <summary>Reads the section.</summary>
    /// <param name="section">The section.</param>
    public static TemplatesConfig Read(ConfigSection section)
    {
        var lifecycle = section.Section("lifecycle");
        var config = new TemplatesConfig
        {
            Enabled = section.Bool("enabled", false),
            Priority = section.Int32("priority", PriorityDefault, min: 0),
            Shards = section.Int32("number_of_shards", 1, 1, 1024),
            Replicas = section.Node("number_of_replicas") is null ? null : section.Int32("number_of_replicas", 1, 0, 100),
            IngestTimestamp = section.Bool("ingest_timestamp", false),
            LifecycleEnabled = lifecycle.Bool("enabled", true),
            Retention = lifecycle.Duration("retention", TimeSpan.FromDays(180), TimeSpan.FromHours(1)),
            RolloverAge = lifecycle.Duration("rollover_age", TimeSpan.FromDays(1), TimeSpan.FromHours(1)),
        };
        if (config.RolloverAge > config.Retention)
        {
            lifecycle.Error("rollover_age", "must be at most retention, else nothing is ever deleted");
        }

        lifecycle.Finish();
        section.Finish();
        return config;
    }
}
