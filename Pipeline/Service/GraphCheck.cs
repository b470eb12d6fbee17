using Microsoft.Extensions.Logging.Abstractions;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Pipeline.Graph;

namespace TelemetryPipeline.Pipeline.Service;

/// <summary>Builds the pipelines of a configuration without starting them, for <c>validate</c>.</summary>
public static class GraphCheck
{
    /// <summary>Builds once and throws the result away. Nothing is opened: components do that when they start.</summary>
    /// <param name="config">A valid configuration.</param>
    /// <returns>Why the pipelines cannot be built; null when they can.</returns>
    public static string? Build(CollectorConfig config)
    {
        var surroundings = new GraphContext
        {
            Metrics = new MetricRegistry(),
            LoggersOf = static (_, _, _) => NullLoggerFactory.Instance,
        };
        try
        {
            new GraphBuilder(config, surroundings, former: null).Build();
            return null;
        }
        catch (ComponentStartException exception)
        {
            return SensitiveText.Mask(exception.Message);
        }
    }
}
