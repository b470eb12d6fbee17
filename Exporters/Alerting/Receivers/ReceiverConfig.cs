using TelemetryPipeline.Exporters.Alerting.Grouping;
using TelemetryPipeline.Exporters.Alerting.Templates;
using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Tls;

namespace TelemetryPipeline.Exporters.Alerting.Receivers;

/// <summary>One receiver. Immutable.</summary>
internal sealed record ReceiverConfig
{
    /// <summary>Receivers at most.</summary>
    public const int Max = 64;

    private const int WeComPerMinute = 20;
    private static readonly TimeSpan AlertmanagerRepeat = TimeSpan.FromMinutes(1);

    /// <summary>Its name, unique in the exporter.</summary>
    public required string Name { get; init; }

    /// <summary>What it is.</summary>
    public required ReceiverKind Kind { get; init; }

    /// <summary>Where it is; secret, since keys stand in it.</summary>
    public required SecretSource Url { get; init; }

    /// <summary>Who we are.</summary>
    public required Credentials Credentials { get; init; }

    /// <summary>TLS, headers and proxy.</summary>
    public required HttpClientConfig Http { get; init; }

    /// <summary>Whether the end of an alert is told.</summary>
    /// <value>Default true.</value>
    public bool SendResolved { get; init; }

    /// <summary>After how long an alert that fires on is told again.</summary>
    /// <value>Default the exporter's; 1 min for Alertmanager, which forgets what it does not hear of.</value>
    public TimeSpan RepeatInterval { get; init; }

    /// <summary>Requests in any minute at most; 0 for no limit.</summary>
    /// <value>Default 0; 20 for WeCom, which is also the most.</value>
    public int RateLimit { get; init; }

    /// <summary>The body of a webhook.</summary>
    public TemplateText? Body { get; init; }

    /// <summary>Annotations for Alertmanager.</summary>
    public IReadOnlyList<KeyValuePair<string, TemplateText>> Annotations { get; init; } = [];

    /// <summary>Labels for Alertmanager beside those of the group.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Labels { get; init; } = [];

    /// <summary>Where people look at an alert's cause; null for none.</summary>
    public TemplateText? Link { get; init; }

    /// <summary>Whether WeCom's newer markdown is used.</summary>
    public bool IsMarkdownV2 { get; init; }

    /// <summary>Reads all receivers of an exporter.</summary>
    /// <param name="section">The exporter's section.</param>
    /// <param name="repeatInterval">The exporter's.</param>
    public static IReadOnlyList<ReceiverConfig> ReadAll(ConfigSection section, TimeSpan repeatInterval)
    {
        var receivers = new List<ReceiverConfig>();
        foreach (var (key, kind) in (ReadOnlySpan<(string, ReceiverKind)>)[
            ("alertmanager", ReceiverKind.Alertmanager), ("webhook", ReceiverKind.Webhook), ("wecom", ReceiverKind.WeCom)])
        {
            foreach (var entry in section.Sections(key))
            {
                var receiver = Read(entry, kind, repeatInterval);
                if (receivers.Exists(r => r.Name == receiver.Name))
                {
                    entry.Error("name", $"must be unique among the receivers, got \"{receiver.Name}\" again");
                }

                receivers.Add(receiver);
            }
        }

        if (receivers.Count == 0)
        {
            section.Error("", "must have at least one receiver in alertmanager, webhook or wecom");
        }

        if (receivers.Count > Max)
        {
            section.Error("", $"must have at most {Max} receivers, got {receivers.Count}");
            receivers.RemoveRange(Max, receivers.Count - Max);
        }

        return receivers;
    }

    /// <summary>What the book has to know.</summary>
    /// <param name="maxElapsedTime">How long a notification is tried.</param>
    public ReceiverTiming Timing(TimeSpan maxElapsedTime) => new(RepeatInterval, SendResolved, maxElapsedTime);

    private static ReceiverConfig Read(ConfigSection entry, ReceiverKind kind, TimeSpan repeatInterval)
    {
        var isAlertmanager = kind == ReceiverKind.Alertmanager;
        var isWeCom = kind == ReceiverKind.WeCom;
        var config = new ReceiverConfig
        {
            Name = entry.RequiredText("name"),
            Kind = kind,
            Url = ReceiverUrl.Read(entry, kind),
            Credentials = Credentials.Read(entry),
            Http = ReadHttp(entry),
            SendResolved = entry.Bool("send_resolved", true),
            RepeatInterval = entry.Duration(
                "repeat_interval", isAlertmanager ? AlertmanagerRepeat : repeatInterval, TimeSpan.FromSeconds(1)),
            RateLimit = isWeCom
                ? entry.Int32("rate_limit", WeComPerMinute, 1, WeComPerMinute)
                : entry.Int32("rate_limit", 0, 0, 1_000_000),
            Body = kind == ReceiverKind.Webhook ? ReceiverTemplates.ReadBody(entry) : null,
            Annotations = isAlertmanager ? ReceiverTemplates.ReadAnnotations(entry) : [],
            Labels = isAlertmanager ? ReceiverTemplates.ReadLabels(entry) : [],
            Link = ReceiverTemplates.ReadLink(entry, isAlertmanager ? "generator_url" : isWeCom ? "link" : null),
            IsMarkdownV2 = isWeCom && entry.Word("format", false, ("markdown", false), ("markdown_v2", true)),
        };
        entry.Finish();
        return config;
    }

    // Few requests need no more settings than these.
    private static HttpClientConfig ReadHttp(ConfigSection entry) => new()
    {
        Tls = TlsClientConfig.Read(entry),
        Headers = RequestHeaders.Read(entry, ProblemOfHeader),
        Proxy = HttpUrl.ReadProxy(entry),
    };

    private static string? ProblemOfHeader(string name) => name.ToLowerInvariant() switch
    {
        "authorization" => "must not be Authorization; use bearer_token or basic_auth",
        "content-type" or "content-length" or "host" or "transfer-encoding" or "connection" =>
            "must not be set here: it belongs to the protocol",
        _ => null,
    };
}
