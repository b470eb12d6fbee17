using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Pipeline.Graph;

/// <summary>
/// Holds callers while a component cannot start because its predecessor still owns what both need, for example the
/// files of a durable queue. Bounded by the number of callers, each of whom waits with its own batch.
/// </summary>
/// <param name="target">The component.</param>
internal sealed class Handover(IConsumer target) : IConsumer, IAdmission
{
    private readonly TaskCompletionSource<string?> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets callers through.</summary>
    public void Open() => _opened.TrySetResult(null);

    /// <summary>Sends callers back, now and later: the component could not be started.</summary>
    /// <param name="why">What happened.</param>
    public void Fail(string why) => _opened.TrySetResult(why);

    /// <inheritdoc/>
    public ConsumeResult Admit(Signal signal)
    {
        if (!_opened.Task.IsCompleted)
        {
            return ConsumeResult.Accepted;
        }

        return _opened.Task.Result is { } why
            ? Refusal(why)
            : target is IAdmission admission ? admission.Admit(signal) : ConsumeResult.Accepted;
    }

    /// <inheritdoc/>
    public ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation) =>
        _opened.Task is { IsCompletedSuccessfully: true, Result: null }
            ? target.ConsumeAsync(batch, cancellation)
            : WaitAsync(batch, cancellation);

    private static ConsumeResult Refusal(string why) => ConsumeResult.Retry("component_not_started", why);

    private async ValueTask<ConsumeResult> WaitAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        string? why;
        try
        {
            why = await _opened.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return ConsumeResult.Retry("cancelled", "the sender went away during a reload");
        }

        return why is null ? await target.ConsumeAsync(batch, cancellation).ConfigureAwait(false) : Refusal(why);
    }
}
