using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Processors.MemoryLimiter;

/// <summary>Refuses data, to be sent again later, while the process uses too much memory.</summary>
internal sealed class MemoryLimiterProcessor : IProcessor, IAdmission
{
    private const string Reason = "memory_limit";

    private readonly MemoryMonitor _monitor;
    private readonly IConsumer _next;
    private readonly ConsumeResult _refusal;
    private readonly Counter _accepted;
    private readonly Counter _refused;
    private readonly Counter _refusedRequests;
    private int _started;

    public MemoryLimiterProcessor(ComponentContext context, MemoryLimiterConfig config, MemoryMonitor monitor, IConsumer next)
    {
        _monitor = monitor;
        _next = next;

        // Nothing can change before the next check; below a second a delay cannot be told over HTTP.
        var after = config.CheckInterval > TimeSpan.FromSeconds(1) ? config.CheckInterval : TimeSpan.FromSeconds(1);
        _refusal = ConsumeResult.Retry(Reason, "data refused due to high memory usage", after);
        var items = context.Signals[0].ItemName();
        var processor = ("processor", context.Id.ToString());
        _accepted = context.Metrics.Counter(
            $"otelcol_processor_memory_limiter_accepted_{items}", "Items let through by the memory limiter.", processor);
        _refused = context.Metrics.Counter(
            $"otelcol_processor_memory_limiter_refused_{items}", "Items the memory limiter asked to send again later.", processor);
        _refusedRequests = context.Metrics.Counter(
            "otelcol_processor_memory_limiter_refused_requests",
            "Requests refused for lack of memory before they were decoded.",
            processor);
    }

    /// <inheritdoc/>
    public ConsumeResult Admit(Signal signal)
    {
        if (_monitor.Refuses)
        {
            _refusedRequests.Add(1);
            return _refusal;
        }

        return ConsumeResult.Accepted;
    }

    /// <inheritdoc/>
    public ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        if (_monitor.Refuses)
        {
            _refused.Add(batch.ItemCount);
            return new(_refusal);
        }

        _accepted.Add(batch.ItemCount);
        return _next.ConsumeAsync(batch, cancellation);
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref _started, 1) == 0)
        {
            _monitor.Start();
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref _started, 0) == 1)
        {
            _monitor.Stop();
        }

        return Task.CompletedTask;
    }
}
