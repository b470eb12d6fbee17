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
    public ConsumeResult Admit(Signal signal) => _outlets[(int)signal].Admit(signal);

    /// <inheritdoc/>
    public ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation) =>
        _outlets[(int)batch.Signal].ConsumeAsync(batch, cancellation);
}
