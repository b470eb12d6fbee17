using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Connectors.Forward;

/// <summary>Hands each batch to the pipelines of the same signal that begin with it, and their answer back.</summary>
/// <param name="outlets">An outlet a signal.</param>
internal sealed class ForwardConnector(IReadOnlyList<Outlet> outlets) : IConnector, IAdmission
{
    private readonly Outlet[] _outlets = [.. outlets];

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <inheritdoc/>
    /// <remarks>The signal of the coming batch is not known, so it refuses only when every connected outlet would.</remarks>
    public ConsumeResult Admit()
    {
        var refusal = ConsumeResult.Accepted;
        foreach (var outlet in _outlets)
        {
            if (outlet.IsConnected)
            {
                refusal = outlet.Admit();
                if (refusal.IsAccepted)
                {
                    return refusal;
                }
            }
        }

        return refusal;
    }

    /// <inheritdoc/>
    public ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation) =>
        _outlets[(int)batch.Signal].ConsumeAsync(batch, cancellation);
}
