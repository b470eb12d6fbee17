using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Threading.Channels;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Sending;

namespace TelemetryPipeline.Tests.Pipeline.Sending;

/// <summary>A transport whose attempts the test answers one by one, or by a rule.</summary>
internal sealed class ScriptedSender : ISender
{
    private readonly Channel<Attempt> _attempts = Channel.CreateUnbounded<Attempt>();

    /// <summary>Answers at once; null leaves the attempt to the test.</summary>
    public Func<Attempt, ConsumeResult?> Rule { get; set; } = static _ => null;

    public ConcurrentQueue<long> Delivered { get; } = new();

    public bool IsStopped { get; private set; }

    public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellation)
    {
        IsStopped = true;
        return Task.CompletedTask;
    }

    public async ValueTask<ConsumeResult> SendAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        var attempt = new Attempt(IdsOf(batch), batch.Chunks.Count, batch.Metadata, batch.ItemCount, BytesOf(batch));
        ConsumeResult result;
        if (Rule(attempt) is { } ruled)
        {
            result = ruled;
        }
        else
        {
            _attempts.Writer.TryWrite(attempt);
            result = await attempt.Answer.Task.WaitAsync(cancellation);
        }

        if (result.IsAccepted)
        {
            foreach (var id in attempt.Ids)
            {
                Delivered.Enqueue(id);
            }
        }

        return result;
    }

    public async Task<Attempt> NextAsync() =>
        await _attempts.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(60));

    public bool HasAttempt => _attempts.Reader.TryPeek(out _);

    /// <summary>A batch of items that are nothing but their ids.</summary>
    public static OtlpBatch BatchOf(RequestMetadata? metadata, params ReadOnlySpan<long> ids)
    {
        var bytes = new byte[ids.Length * sizeof(long)];
        for (var i = 0; i < ids.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i * sizeof(long)), ids[i]);
        }

        return new OtlpBatch(OtlpChunk.FromArray(Signal.Traces, bytes, ids.Length), metadata);
    }

    public static OtlpBatch BatchOf(params ReadOnlySpan<long> ids) => BatchOf(null, ids);

    public static long[] IdsOf(OtlpBatch batch)
    {
        var ids = new List<long>();
        foreach (var chunk in batch.Chunks)
        {
            for (var rest = chunk.Bytes; rest.Length >= sizeof(long); rest = rest[sizeof(long)..])
            {
                ids.Add(BinaryPrimitives.ReadInt64LittleEndian(rest));
            }
        }

        return [.. ids];
    }

    private static byte[] BytesOf(OtlpBatch batch)
    {
        var bytes = new List<byte>();
        foreach (var chunk in batch.Chunks)
        {
            bytes.AddRange(chunk.Bytes);
        }

        return [.. bytes];
    }

    internal sealed record Attempt(long[] Ids, int ChunkCount, RequestMetadata? Metadata, int ItemCount, byte[] Request)
    {
        public TaskCompletionSource<ConsumeResult> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Accept() => Answer.SetResult(ConsumeResult.Accepted);

        public void Fail(TimeSpan after = default) => Answer.SetResult(ConsumeResult.Retry("unavailable", "not now", after));

        public void Refuse(int count, string reason = "invalid_argument") =>
            Answer.SetResult(ConsumeResult.Rejected(reason, "no", count));
    }
}
