using TelemetryPipeline.Exporters.Elasticsearch.Documents;
using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Exporters.Elasticsearch.Bulk;

/// <summary>
/// One attempt at a batch: makes bodies, sends what is left of them, takes note of each document, cuts bodies that are
/// too large and writes dead letters. Reused from batch to batch; one at a time.
/// </summary>
internal sealed class BatchDelivery : IDisposable
{
    private readonly DeliveryParts _parts;
    private readonly BulkEncoder _encoder;
    private readonly BulkBuffer _body;
    private readonly List<int> _pending = [];
    private readonly List<DocumentAnswer> _answers = [];
    private readonly List<(int Document, DocumentAnswer Answer)> _dead = [];
    private BulkBuffer? _deadBody;
    private BatchProgress _progress = new();
    private int _firstOrdinal;
    private ConsumeResult _retry;
    private long _refusedModes;

    /// <summary>A delivery.</summary>
    /// <param name="parts">What it works with.</param>
    /// <param name="options">How documents are made.</param>
    public BatchDelivery(DeliveryParts parts, EncoderOptions options)
    {
        _parts = parts;
        _encoder = new BulkEncoder(options);
        _body = new BulkBuffer(parts.BodySizeMax + (parts.BodySizeMax / 16));
    }

    /// <summary>How documents are made.</summary>
    public EncoderOptions Options => _encoder.Options;

    /// <summary>Attempts to deliver a batch.</summary>
    /// <param name="batch">The batch; borrowed.</param>
    /// <param name="progress">What earlier attempts have done; this one adds to it.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Accepted when nothing is left, else Retry; what is lost is in <paramref name="progress"/>.</returns>
    public async ValueTask<ConsumeResult> SendAsync(OtlpBatch batch, BatchProgress progress, CancellationToken cancellation)
    {
        _progress = progress;
        _firstOrdinal = 0;
        _retry = ConsumeResult.Accepted;
        _encoder.Begin();
        var cursor = default(BulkCursor);
        bool more;
        do
        {
            _body.Clear();
            more = _encoder.Encode(batch, ref cursor, _body, _parts.BodySizeMax);
            if (!await SendBodyAsync(cancellation).ConfigureAwait(false))
            {
                break;
            }

            _firstOrdinal += _body.Documents.Length;
        }
        while (more);

        _parts.Events.ModesRefused(_encoder.RefusedModes - _refusedModes);
        _refusedModes = _encoder.RefusedModes;
        return _retry;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _encoder.Dispose();
        _body.Dispose();
        _deadBody?.Dispose();
    }

    // False where the whole server is out of order, so that the next body would fare no better.
    private async ValueTask<bool> SendBodyAsync(CancellationToken cancellation)
    {
        _pending.Clear();
        _dead.Clear();
        for (var i = 0; i < _body.Documents.Length; i++)
        {
            if (!_progress.IsDone(_firstOrdinal + i))
            {
                _pending.Add(i);
            }
        }

        _parts.Metrics.Received.Add(_body.Documents.Length);
        if (_progress.Attempts > 0)
        {
            _parts.Metrics.Retried.Add(_pending.Count);
        }

        return (_pending.Count == 0 || await SendRangeAsync(0, _pending.Count, cancellation).ConfigureAwait(false))
            && (_dead.Count == 0 || await WriteDeadLetterAsync(cancellation).ConfigureAwait(false));
    }

    private async ValueTask<bool> SendRangeAsync(int from, int count, CancellationToken cancellation)
    {
        BulkReply reply;
        using (var copy = IsOnePiece(from, count) ? null : Copy(from, count))
        {
            var payload = new Payload(copy is null ? Piece(from, count) : copy.Written);
            reply = await _parts.Transport.SendAsync(payload, count, _answers, cancellation).ConfigureAwait(false);
        }

        if (reply.Answers is { } answers)
        {
            for (var i = 0; i < count; i++)
            {
                Take(_pending[from + i], answers[i]);
            }

            return true;
        }

        if (!reply.IsTooLarge)
        {
            return Fail(from, count, reply.Failure);
        }

        if (count == 1)
        {
            Take(_pending[from], new DocumentAnswer(413, BatchHalves.TooLarge, reply.Failure.Message));
            return true;
        }

        var half = count / 2;
        return await SendRangeAsync(from, half, cancellation).ConfigureAwait(false)
            && await SendRangeAsync(from + half, count - half, cancellation).ConfigureAwait(false);
    }

    // The request failed as a whole.
    private bool Fail(int from, int count, in ConsumeResult failure)
    {
        if (failure.Outcome == ConsumeOutcome.Retry)
        {
            _retry = failure;
            return false;
        }

        for (var i = from; i < from + count; i++)
        {
            _progress.Done(_firstOrdinal + _pending[i]);
            _progress.Reject(_body.Documents[_pending[i]].Items, failure.Reason, failure.Message);
        }

        _parts.Metrics.Processed("failed_client", count);
        return true;
    }

    private void Take(int document, in DocumentAnswer answer)
    {
        var outcome = _parts.Outcomes.Of(answer.Status, answer.ErrorType);
        _parts.Metrics.Processed(DocumentOutcomes.Label(outcome, answer.Status), 1);
        switch (outcome)
        {
            case DocumentOutcome.Retry:
                _retry = ConsumeResult.Retry(
                    answer.Status == 429 ? "too_many_requests" : "document_unavailable",
                    $"the server cannot take documents now: {answer.Status} {answer.ErrorType} {answer.Reason}");
                return;
            case DocumentOutcome.DeadLetter or DocumentOutcome.Refused:
                _parts.Events.DocumentRefused(answer, _body, document);
                if (_parts.DeadLetters is not null && outcome == DocumentOutcome.DeadLetter)
                {
                    _dead.Add((document, answer));
                    return;
                }

                Lose(document, outcome == DocumentOutcome.Refused ? "permission_denied" : ReasonOf(answer), answer);
                return;
            default:
                Store(document);
                return;
        }
    }

    private void Store(int document)
    {
        _progress.Done(_firstOrdinal + document);
        _progress.StoredItems += _body.Documents[document].Items;
    }

    private void Lose(int document, string reason, in DocumentAnswer answer)
    {
        _progress.Done(_firstOrdinal + document);
        _progress.Reject(
            _body.Documents[document].Items, reason,
            $"the server refused a document: {answer.Status} {answer.ErrorType} {ServerMessage.Clean(answer.Reason)}");
    }

    private static string ReasonOf(in DocumentAnswer answer) => answer.Status switch
    {
        404 => "index_not_found",
        413 => BatchHalves.TooLarge,
        400 => "document_refused",
        _ => HttpStatus.Reason(answer.Status),
    };

    private async ValueTask<bool> WriteDeadLetterAsync(CancellationToken cancellation)
    {
        _deadBody ??= new BulkBuffer(64 * 1024);
        for (var start = 0; start < _dead.Count;)
        {
            _deadBody.Clear();
            var end = start;
            while (end < _dead.Count && (end == start || _deadBody.Bytes.Length < _parts.BodySizeMax / 4))
            {
                var document = _body.Documents[_dead[end].Document];
                var bytes = _body.Bytes.Written.Span;
                _parts.DeadLetters!.Write(
                    bytes[document.At..document.DocumentAt],
                    bytes[document.DocumentAt..(document.At + document.Length)],
                    _dead[end].Answer, document.Items, _deadBody);
                end++;
            }

            if (!await WriteDeadLetterAsync(start, end - start, cancellation).ConfigureAwait(false))
            {
                return false;
            }

            start = end;
        }

        return true;
    }

    private async ValueTask<bool> WriteDeadLetterAsync(int start, int count, CancellationToken cancellation)
    {
        var reply = await _parts.Transport
            .SendAsync(new Payload(_deadBody!.Bytes.Written), count, _answers, cancellation).ConfigureAwait(false);
        if (reply.Answers is null && reply.Failure.Outcome == ConsumeOutcome.Retry)
        {
            _retry = reply.Failure;
            return false;
        }

        for (var i = 0; i < count; i++)
        {
            var (document, refusal) = _dead[start + i];
            var outcome = reply.Answers is null
                ? DocumentOutcome.Refused
                : _parts.Outcomes.Of(reply.Answers[i].Status, reply.Answers[i].ErrorType);
            if (outcome is DocumentOutcome.Stored or DocumentOutcome.Duplicate)
            {
                Store(document);
                _parts.Metrics.DeadLetters.Add(1);
            }
            else if (outcome == DocumentOutcome.Retry)
            {
                _retry = ConsumeResult.Retry("dead_letters_unavailable", "the server cannot take dead letters now");
            }
            else
            {
                Lose(document, "dead_letter_refused", refusal);
            }
        }

        return true;
    }

    private bool IsOnePiece(int from, int count) => _pending[from + count - 1] - _pending[from] == count - 1;

    private ReadOnlyMemory<byte> Piece(int from, int count)
    {
        var first = _body.Documents[_pending[from]];
        var last = _body.Documents[_pending[from + count - 1]];
        return _body.Bytes.Written[first.At..(last.At + last.Length)];
    }

    private PooledBuffer Copy(int from, int count)
    {
        var copy = new PooledBuffer();
        for (var i = from; i < from + count; i++)
        {
            var document = _body.Documents[_pending[i]];
            copy.Write(_body.Bytes.WrittenSpan.Slice(document.At, document.Length));
        }

        return copy;
    }
}
