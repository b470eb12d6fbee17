using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Sending;

namespace TelemetryPipeline.CrashingQueue;

/// <summary>A transport that writes the ids it is given to a file, and fails now and then.</summary>
internal sealed class FileSink(string path) : ISender, IAsyncDisposable
{
    private readonly FileStream _file = new(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
    private readonly Random _random = new(3);

    public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellation) => Task.CompletedTask;

    public async ValueTask<ConsumeResult> SendAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        await Task.Yield();
        lock (_file)
        {
            if (_random.Next(5) == 0)
            {
                return ConsumeResult.Retry("unavailable", "not now");
            }

            foreach (var chunk in batch.Chunks)
            {
                _file.Write(chunk.Bytes);
            }
        }

        return ConsumeResult.Accepted;
    }

    public ValueTask DisposeAsync() => _file.DisposeAsync();
}
