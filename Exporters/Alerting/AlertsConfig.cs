using TelemetryPipeline.Exporters.Alerting.Grouping;
using TelemetryPipeline.Exporters.Alerting.Receivers;
using TelemetryPipeline.Exporters.Alerting.Routing;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Sending;

namespace TelemetryPipeline.Exporters.Alerting;

/// <summary>Settings of the <c>alerts</c> exporter. Immutable.</summary>
internal sealed record AlertsConfig
{
    // A batch on disk occupies a consumer until its events were told, so there are as many as the queue is long. What
    // nobody could be told yet is kept for as long as it takes: groups are bounded, time need not be.
    private static readonly SendingDefaults Defaults = new()
    {
        Timeout = TimeSpan.FromSeconds(10),
        Queue = new QueueConfig { NumConsumers = 1000 },
        Retry = new RetryConfig { InitialInterval = TimeSpan.FromSeconds(1), MaxElapsedTime = TimeSpan.Zero },
    };

    /// <summary>How events become alerts.</summary>
    public required GroupingConfig Grouping { get; init; }

    /// <summary>Who can be told.</summary>
    public required IReadOnlyList<ReceiverConfig> Receivers { get; init; }

    /// <summary>Who is told of what.</summary>
    public required IReadOnlyList<AlertRoute> Routes { get; init; }

    /// <summary>Queue, retries and time limit of a request.</summary>
    public required SendingConfig Sending { get; init; }

    /// <summary>Whether a batch stays in the queue until its events were told.</summary>
    public bool HoldsBatches => Sending.Queue is not { Enabled: true, Storage: null, WaitForResult: false };

    /// <summary>Reads the exporter's section.</summary>
    /// <param name="section">The section.</param>
    public static AlertsConfig Read(ConfigSection section)
    {
        var grouping = GroupingConfig.Read(section);
        var receivers = ReceiverConfig.ReadAll(section, grouping.RepeatInterval);
        var config = new AlertsConfig
        {
            Grouping = grouping,
            Receivers = receivers,
            Routes = AlertRoute.ReadAll(section, receivers),
            Sending = SendingConfig.Read(section, Defaults),
        };
        section.Finish();
        return config;
    }
}
