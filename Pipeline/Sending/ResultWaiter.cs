namespace TelemetryPipeline.Pipeline.Sending;

/// <summary>A caller that waits for the delivery of its batch (<c>wait_for_result</c>).</summary>
internal sealed class ResultWaiter
{
    private readonly TaskCompletionSource<ConsumeResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether the caller still waits: then a failed batch goes back to it and is not lost.</summary>
    public bool IsWaiting => !_result.Task.IsCompleted;

    public void SetResult(in ConsumeResult result) => _result.TrySetResult(result);

    public async ValueTask<ConsumeResult> WaitAsync(CancellationToken cancellation)
    {
        using var registration = cancellation.UnsafeRegister(
            static waiter => ((ResultWaiter)waiter!).SetResult(
                ConsumeResult.Retry("cancelled", "the sender went away before the result was known")),
            this);
        return await _result.Task.ConfigureAwait(false);
    }
}
