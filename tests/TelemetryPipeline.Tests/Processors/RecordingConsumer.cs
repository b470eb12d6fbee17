using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Tests.Processors;

/// <summary>The next component: keeps what it accepts, and answers as it is told.</summary>
internal sealed class RecordingConsumer : IConsumer, IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<OtlpBatch> _batches = [];
    private readonly SemaphoreSlim _calls = new(0);

    /// <summary>The answer to the next calls; accepted unless told.</summary>
    public Func<OtlpBatch, ConsumeResult> Answer { get; set; } = static _ => ConsumeResult.Accepted;

    public IReadOnlyList<OtlpBatch> Batches
    {
        get
        {
            lock (_gate)
            {
                return [.. _batches];
            }
        }
    }

    public int Items
    {
        get
        {
            var items = 0;
            foreach (var batch in Batches)
            {
                items += batch.ItemCount;
            }

            return items;
        }
    }

    /// <summary>Waits until another call has come in.</summary>
    public async Task CallAsync() =>
        Assert.True(await _calls.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken), "no call came in");

    public ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        ConsumeResult result;
        lock (_gate)
        {
            result = Answer(batch);
            if (result.IsAccepted)
            {
                _batches.Add(batch.Fork());
            }
        }

        _calls.Release();
        return new(result);
    }

    public void Dispose()
    {
        foreach (var batch in Batches)
        {
            batch.Dispose();
        }

        _calls.Dispose();
    }
}
