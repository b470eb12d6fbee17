using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Sending;

namespace TelemetryPipeline.Exporters.Alerting;

/// <summary>
/// The exporter: a sending queue in front of the groups. It exists beside <see cref="SendingExporter"/> because the groups
/// must hear of a stop before the queue drains: then they wait no longer.
/// </summary>
internal sealed class AlertsExporter : IExporter, IAdmission, IDisposable
{
    private readonly AlertSender _sender;
    private readonly SendingExporter _exporter;

    /// <summary>An exporter that has not started.</summary>
    /// <param name="context">Its surroundings.</param>
    /// <param name="config">Its settings.</param>
    /// <param name="random">Shifts the waits between attempts; null for one of its own.</param>
    public AlertsExporter(ComponentContext context, AlertsConfig config, Random? random = null)
    {
        _sender = new AlertSender(context, config, random ?? new Random());

        // Attempts, their time limit and their repetition are those of requests to receivers, behind the groups.
        _exporter = new SendingExporter(
            context, config.Sending with { Timeout = TimeSpan.Zero, Retry = config.Sending.Retry with { Enabled = false } }, _sender);
    }

    /// <summary>Whether every receiver waits for something to be due; for tests.</summary>
    public bool IsIdle => _sender.IsIdle;

    /// <inheritdoc/>
    public ConsumeResult Admit(Signal signal) => _exporter.Admit(signal);

    /// <inheritdoc/>
    public ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation) =>
        _exporter.ConsumeAsync(batch, cancellation);

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation) => _exporter.StartAsync(cancellation);

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellation)
    {
        _sender.BeginStopping();
        return _exporter.StopAsync(cancellation);
    }

    /// <inheritdoc/>
    public void Dispose() => _sender.Dispose();
}
