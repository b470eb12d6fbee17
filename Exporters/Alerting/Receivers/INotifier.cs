using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Exporters.Alerting.Receivers;

/// <summary>Words of one kind of receiver: writes requests and reads answers. No I/O.</summary>
internal interface INotifier
{
    /// <summary>Alerts that fit in one request.</summary>
    int AlertsMax { get; }

    /// <summary>Writes a request.</summary>
    /// <param name="alerts">What is due, the most urgent first; one or more.</param>
    /// <param name="requestsLeft">How many requests the rate limit allows at the moment, this one included.</param>
    /// <param name="body">Takes the JSON.</param>
    /// <returns>How many of the alerts, from the first on, the request tells; 1 or more.</returns>
    int Write(IReadOnlyList<Alert> alerts, int requestsLeft, Stream body);

    /// <summary>What the body of a successful answer means.</summary>
    /// <param name="answer">The body.</param>
    ConsumeResult Read(ReadOnlySpan<byte> answer);
}
