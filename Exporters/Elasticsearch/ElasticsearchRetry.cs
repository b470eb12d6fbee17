using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Exporters.Elasticsearch;

/// <summary>The <c>retry</c> of an <c>elasticsearch</c> exporter.</summary>
internal sealed record ElasticsearchRetry
{
    private static readonly int[] StatusDefault = [429, 500, 502, 503, 504];

    /// <summary>Whether anything is tried again.</summary>
    /// <value>Default true.</value>
    public bool Enabled { get; init; }

    /// <summary>Attempts at a document after the first; 0 for no limit.</summary>
    /// <value>Default 0.</value>
    public int MaxRetries { get; init; }

    /// <summary>The first wait.</summary>
    /// <value>Default 100 ms.</value>
    public TimeSpan InitialInterval { get; init; }

    /// <summary>The longest wait.</summary>
    /// <value>Default 1 min.</value>
    public TimeSpan MaxInterval { get; init; }

    /// <summary>Statuses of whole requests that are tried again.</summary>
    /// <value>Default 429, 500, 502, 503, 504.</value>
    public required IReadOnlySet<int> OnStatus { get; init; }

    /// <summary>Statuses of documents that are tried again.</summary>
    /// <value>Default those of requests.</value>
    public required IReadOnlySet<int> OnDocumentStatus { get; init; }

    /// <summary>Reads the section.</summary>
    /// <param name="section">The section.</param>
    public static ElasticsearchRetry Read(ConfigSection section)
    {
        var onStatus = ReadStatuses(section, "retry_on_status", StatusDefault);
        var retry = new ElasticsearchRetry
        {
            Enabled = section.Bool("enabled", true),
            MaxRetries = section.Int32("max_retries", 0, min: 0),
            InitialInterval = section.Duration("initial_interval", TimeSpan.FromMilliseconds(100)),
            MaxInterval = section.Duration("max_interval", TimeSpan.FromMinutes(1)),
            OnStatus = onStatus,
            OnDocumentStatus = ReadStatuses(section, "retry_on_document_status", onStatus),
        };
        section.Unsupported("it was removed from the Collector; use max_retries", "max_requests");
        section.Finish();
        return retry;
    }

    private static IReadOnlyList<ConfigNode> Items(ConfigNode node) => node is ConfigList list ? list.Items : [node];

    private static HashSet<int> ReadStatuses(ConfigSection section, string key, IEnumerable<int> defaults)
    {
        var statuses = new HashSet<int>();
        if (section.Node(key) is null)
        {
            statuses.UnionWith(defaults);
            return statuses;
        }

        foreach (var node in Items(section.Node(key)!))
        {
            if ((node as ConfigScalar)?.Int64 is { } status and >= 400 and <= 599 and not (401 or 403 or 409 or 413))
            {
                statuses.Add((int)status);
            }
            else
            {
                var found = node is ConfigScalar scalar ? scalar.Text : "something else";
                section.Error(key, $"must hold HTTP statuses from 400 to 599 without 401, 403, 409 and 413, got \"{found}\"");
            }
        }

        return statuses;
    }
}
