using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Processors.MemoryLimiter;

/// <summary>Makes <c>memory_limiter</c> processors.</summary>
public sealed class MemoryLimiterFactory : ProcessorFactory
{
    // The processor exists once a pipeline; measuring once a configuration is enough. An entry goes with its configuration.
    private readonly ConditionalWeakTable<MemoryLimiterConfig, MemoryMonitor> _monitors = [];

    /// <inheritdoc/>
    public override string Type => "memory_limiter";

    /// <inheritdoc/>
    public override object ReadConfig(ConfigSection section) => MemoryLimiterConfig.Read(section);

    /// <inheritdoc/>
    public override IProcessor Create(ComponentContext context, object config, IConsumer next)
    {
        var options = (MemoryLimiterConfig)config;
        var monitor = _monitors.GetValue(
            options,
            key => new MemoryMonitor(
                key,
                MemoryTotal.Read(),
                context.Time,
                context.Background,
                context.Loggers.CreateLogger<MemoryMonitor>(),
                MemoryReading.Now,
                MemoryMonitor.CollectGarbage,
                WorkingMemory.Process));
        return new MemoryLimiterProcessor(context, options, monitor, next);
    }
}
