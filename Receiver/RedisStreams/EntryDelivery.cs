using System.Globalization;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Receiver.RedisStreams;

/// <summary>Hands an entry on to its pipeline until it is accepted, or puts it to the dead letters where that will never be.</summary>
internal sealed partial class EntryDelivery
{
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(5);

    // Unexpected errors of the pipeline at one entry before it goes to the dead letters.
    private const int FailuresMax = 5;

    private readonly string _key;
    private readonly RedisStreamsReceiverConfig _config;
    private readonly IReadOnlyList<Outlet> _outlets;
    private readonly ReaderCounters _counters;
    private readonly HeldEntries _held;
    private readonly TimeProvider _time;
    private readonly BackgroundLoop _pipeline;
    private readonly ILogger _log;

    public EntryDelivery(
        string key, RedisStreamsReceiverConfig config, IReadOnlyList<Outlet> outlets, ReaderCounters counters, HeldEntries held,
        ComponentContext context)
    {
        _key = key;
        _config = config;
        _outlets = outlets;
        _counters = counters;
        _held = held;
        _time = context.Time;
        _pipeline = context.Background.Watch("entry_delivery", key);
        _log = context.Loggers.CreateLogger<EntryDelivery>();
    }

    /// <summary>Delivers an entry.</summary>
    /// <param name="database">Takes the dead letters.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="deliveries">How often it was delivered to a consumer, this time included.</param>
    /// <param name="stop">Ends trying.</param>
    /// <returns>Whether it is to be acknowledged; false when it was stopped before.</returns>
    public async ValueTask<bool> DeliverAsync(IDatabase database, StreamEntry entry, int deliveries, CancellationToken stop)
    {
        if (deliveries > _config.MaxDeliveries)
        {
            var message = $"delivered {deliveries - 1} times and never acknowledged: each time its consumer went silent";
            await WriteDeadLetterAsync(database, entry, "max_deliveries", message, deliveries).ConfigureAwait(false);
            return true;
        }

        if (!TryDecode(entry, out var request, out var problem))
        {
            await WriteDeadLetterAsync(database, entry, problem.Reason, problem.Message, deliveries).ConfigureAwait(false);
            return true;
        }

        if (request.Chunk is not { } chunk)
        {
            await CountAsync(database, entry, request, ConsumeResult.Accepted, deliveries).ConfigureAwait(false);
            return true;
        }

        try
        {
            return await ForwardAsync(database, entry, request, chunk, deliveries, stop).ConfigureAwait(false);
        }
        finally
        {
            chunk.Release();
        }
    }

    // What the decoder cannot handle must not stop the entries behind it, nor the next consumer that claims it.
    private bool TryDecode(in StreamEntry entry, out DecodedRequest request, out (string Reason, string Message) problem)
    {
        try
        {
            return EntryDecoder.TryDecode(entry, out request, out problem);
        }
        catch (Exception e)
        {
            _pipeline.Failed(e);
            request = default;
            problem = ("malformed", $"unexpected error while reading the entry: {e.Message}");
            return false;
        }
    }

    private async ValueTask<bool> ForwardAsync(
        IDatabase database, StreamEntry entry, DecodedRequest request, OtlpChunk chunk, int deliveries, CancellationToken stop)
    {
        var outlet = _outlets[(int)chunk.Signal];
        if (!outlet.IsConnected)
        {
            await WriteDeadLetterAsync(database, entry, "no_pipeline", $"no pipeline takes {chunk.Signal.PipelineName()} from this receiver", deliveries)
                .ConfigureAwait(false);
            return true;
        }

        var backoff = FirstBackoff;
        var failures = 0;
        while (!stop.IsCancellationRequested)
        {
            ConsumeResult result;
            try
            {
                result = await ConsumeAsync(outlet, chunk, stop).ConfigureAwait(false);
                _pipeline.Succeeded();
            }
            catch (Exception e) when (e is not OperationCanceledException || !stop.IsCancellationRequested)
            {
                var wait = _pipeline.Failed(e);
                _counters.Items(chunk.Signal).FailedInside(chunk.ItemCount + (request.Refused?.Count ?? 0));
                if (++failures == FailuresMax)
                {
                    await WriteDeadLetterAsync(database, entry, "internal_error", $"{e.GetType().Name}: {e.Message}", deliveries).ConfigureAwait(false);
                    return true;
                }

                await _held.WaitAsync(Task.Delay(wait, _time, stop), stop).ConfigureAwait(false);
                continue;
            }

            switch (result.Outcome)
            {
                case ConsumeOutcome.Accepted or ConsumeOutcome.Rejected:
                    await CountAsync(database, entry, request, result, deliveries).ConfigureAwait(false);
                    return true;
                default:
                    _counters.Items(chunk.Signal).Refused(result.Reason, chunk.ItemCount + (request.Refused?.Count ?? 0));
                    var wait = result.RetryAfter > backoff ? result.RetryAfter : backoff;
                    backoff = backoff + backoff < LongestBackoff ? backoff + backoff : LongestBackoff;
                    await _held.WaitAsync(Task.Delay(wait, _time, stop), stop).ConfigureAwait(false);
                    break;
            }
        }

        return false;
    }

    // A processor may change the batch and refuse it then, so every attempt gets one of its own over the same bytes.
    private async ValueTask<ConsumeResult> ConsumeAsync(Outlet outlet, OtlpChunk chunk, CancellationToken stop)
    {
        using var batch = new OtlpBatch(chunk.Retain());
        var pending = outlet.ConsumeAsync(batch, stop);
        if (pending.IsCompletedSuccessfully)
        {
            return pending.Result;
        }

        var consuming = pending.AsTask();
        await _held.WaitAsync(consuming, stop).ConfigureAwait(false);
        return await consuming.ConfigureAwait(false);
    }

    /// <summary>Counts what became of the items; an entry of which some were refused goes to the dead letters as well.</summary>
    private async ValueTask CountAsync(
        IDatabase database, StreamEntry entry, DecodedRequest request, ConsumeResult result, int deliveries)
    {
        var items = request.Chunk?.ItemCount ?? 0;
        var counters = _counters.Items(request.Signal);
        if (result.IsAccepted && request.Refused is null)
        {
            counters.Accepted(items);
            return;
        }

        var rejected = Math.Clamp(result.RejectedCount, 0, items);
        var reason = result.IsAccepted ? request.Refused!.Reason : result.Reason;
        var message = result.IsAccepted ? request.Refused!.ToString()
            : request.Refused is null ? result.Message : $"{result.Message}; {request.Refused}";
        counters.PartlyRefused(reason, items - rejected, rejected, request.Refused);
        await WriteDeadLetterAsync(database, entry, reason, message, deliveries).ConfigureAwait(false);
    }

    /// <summary>Writes an entry to the dead letters with what is to be known about it; its acknowledgement follows.</summary>
    private async ValueTask WriteDeadLetterAsync(IDatabase database, StreamEntry entry, string reason, string message, int deliveries)
    {
        NameValueEntry[] fields =
        [
            .. entry.Values,
            new("dead_reason", reason),
            new("dead_message", message),
            new("dead_stream", _key),
            new("dead_id", entry.Id),
            new("dead_group", _config.Group),
            new("dead_deliveries", deliveries.ToString(CultureInfo.InvariantCulture)),
        ];
        var options = new StreamAddOptions { MaxLength = _config.DeadLetterMaxLength, Approximate = true };
        await database.StreamAddAsync(_key + _config.DeadLetterSuffix, fields, options, CommandFlags.DemandMaster).ConfigureAwait(false);
        _counters.DeadLetter(reason);
        LogDeadLetter(_key, entry.Id.ToString(), reason, message);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Entry {Id} of {Stream} written to the dead-letter stream ({Reason}: {Problem})")]
    private partial void LogDeadLetter(string stream, string id, string reason, string problem);
}
