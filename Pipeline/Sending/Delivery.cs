using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Pipeline.Sending;

/// <summary>Attempts to deliver one batch until it is delivered, refused for good, or given up. Shared by all workers.</summary>
internal sealed class Delivery(
    SendingConfig config, ISender transport, TimeProvider time, Random random, ExporterHealth health, SendingEvents events)
{
    /// <summary>Given up because the process stops.</summary>
    public const string ShutdownReason = "shutdown";

    // Unexpected errors in a row at one batch before it is dropped: a batch on disk is otherwise retried without end.
    private const int FailuresMax = 5;
    private const string InternalError = "internal_error";

    private readonly Lock _randomGate = new();
    private int _inFlight;

    /// <summary>Attempts under way.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Delivers a batch.</summary>
    /// <param name="batch">Borrowed until the task completes.</param>
    /// <param name="limit">The caller's own time limit, reused from batch to batch.</param>
    /// <param name="isOnDisk">Whether the data is safe: then a stopping process makes no second attempt at it.</param>
    /// <param name="hurry">Fires when the process stops: waits are cut short, unless the other side asked for them.</param>
    /// <param name="end">Fires when there is no time left: the attempt is given up as well.</param>
    /// <returns>
    /// Accepted, Rejected, or Retry with the reason why it was given up: <c>max_elapsed_time</c>, <c>shutdown</c>, or
    /// the last attempt's own where retries are off.
    /// </returns>
    public async ValueTask<ConsumeResult> DeliverAsync(
        OtlpBatch batch, AttemptLimit limit, bool isOnDisk, CancellationToken hurry, CancellationToken end)
    {
        var started = time.GetTimestamp();
        var backoff = new Backoff(config.Retry);
        var failures = 0;
        while (true)
        {
            var result = await AttemptAsync(batch, limit, end).ConfigureAwait(false);
            failures = result is { Outcome: ConsumeOutcome.Retry, Reason: InternalError } ? failures + 1 : 0;
            if (failures == FailuresMax)
            {
                return ConsumeResult.Rejected(InternalError, result.Message, batch.ItemCount);
            }

            if (result.Outcome != ConsumeOutcome.Retry)
            {
                return result;
            }

            if (end.IsCancellationRequested || (isOnDisk && hurry.IsCancellationRequested))
            {
                return result with { Reason = ShutdownReason };
            }

            if (!config.Retry.Enabled)
            {
                return result;
            }

            if (!TryChooseDelay(ref backoff, result, started, out var delay))
            {
                return result with { Reason = "max_elapsed_time" };
            }

            events.WillRetry(result, delay);
            if (!await WaitAsync(delay, result.RetryAfter, hurry, isOnDisk ? hurry : end).ConfigureAwait(false))
            {
                return result with { Reason = ShutdownReason };
            }
        }
    }

    // The last wait is cut so that one more attempt falls on the limit, unless the other side wants to be left alone longer.
    private bool TryChooseDelay(ref Backoff backoff, in ConsumeResult result, long started, out TimeSpan delay)
    {
        lock (_randomGate)
        {
            delay = backoff.Next(random);
        }

        delay = delay < result.RetryAfter ? result.RetryAfter : delay;
        if (config.Retry.MaxElapsedTime == TimeSpan.Zero)
        {
            return true;
        }

        var left = config.Retry.MaxElapsedTime - time.GetElapsedTime(started);
        delay = delay < left ? delay : left;
        return left > TimeSpan.Zero && result.RetryAfter <= left;
    }

    private async ValueTask<bool> WaitAsync(TimeSpan delay, TimeSpan asked, CancellationToken hurry, CancellationToken end)
    {
        var started = time.GetTimestamp();
        if (!hurry.IsCancellationRequested)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(hurry, end);
            await Task.Delay(delay, time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            asked -= time.GetElapsedTime(started);
            delay = asked;
        }

        if (delay > TimeSpan.Zero && hurry.IsCancellationRequested)
        {
            await Task.Delay(delay, time, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return !end.IsCancellationRequested;
    }

    private async ValueTask<ConsumeResult> AttemptAsync(OtlpBatch batch, AttemptLimit limit, CancellationToken end)
    {
        Interlocked.Increment(ref _inFlight);
        ConsumeResult result;
        try
        {
            var token = limit.Start(config.Timeout, end);
            result = await transport.SendAsync(batch, token).ConfigureAwait(false);
            events.TransportWorks();
        }
        catch (OperationCanceledException)
        {
            result = end.IsCancellationRequested
                ? ConsumeResult.Retry(ShutdownReason, "there was no time left to deliver")
                : ConsumeResult.Retry("timeout", "the other side did not answer in time");
        }
        catch (Exception e)
        {
            // A bug of the transport must not take the queue down with it.
            events.TransportFailed(e);
            result = ConsumeResult.Retry(InternalError, e.Message);
        }
        finally
        {
            limit.Stop();
            Interlocked.Decrement(ref _inFlight);
        }

        health.Report(result);
        return result;
    }
}
