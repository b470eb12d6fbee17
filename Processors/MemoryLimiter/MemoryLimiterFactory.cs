using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Processors.MemoryLimiter;

/// <summary>Makes <c>memory_limiter</c> processors.</summary>
internal sealed class MemoryLimiterFactory : ProcessorFactory<MemoryLimiterConfig>
{
    // The processor exists once a pipeline; measuring once a configuration is enough. An entry goes with its configuration.
    private readonly ConditionalWeakTable<MemoryLimiterConfig, MemoryMonitor> _monitors = [];

    /// <inheritdoc/>
    public override string Type => "memory_limiter";

    /// <inheritdoc/>
    public override MemoryLimiterConfig ReadConfig(ConfigSection section) => MemoryLimiterConfig.Read(section);

    /// <inheritdoc/>
    public override IProcessor Create(ComponentContext context, MemoryLimiterConfig config, IConsumer next)
    {
        var monitor = _monitors.GetValue(
            config,
            key => new MemoryMonitor(
                key,
                MemoryTotal.Read(),
                context.Time,
                context.Background,
                context.Loggers.CreateLogger<MemoryMonitor>(),
                MemoryReading.Now,
                MemoryMonitor.CollectGarbage,
                WorkingMemory.Process));
        return new MemoryLimiterProcessor(context, config, monitor, next);
    }
}
