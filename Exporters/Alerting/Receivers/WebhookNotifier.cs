using System.Text;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Exporters.Alerting.Receivers;

/// <summary>A request with JSON from a template for each alert.</summary>
/// <param name="config">The settings.</param>
internal sealed class WebhookNotifier(ReceiverConfig config) : INotifier
{
    /// <inheritdoc/>
    public int AlertsMax => 1;

    /// <inheritdoc/>
    public int Write(IReadOnlyList<Alert> alerts, int requestsLeft, Stream body)
    {
        body.Write(Encoding.UTF8.GetBytes(config.Body!.Fill(alerts[0], config.Name)));
        return 1;
    }

    /// <inheritdoc/>
    public ConsumeResult Read(ReadOnlySpan<byte> answer) => ConsumeResult.Accepted;
}
