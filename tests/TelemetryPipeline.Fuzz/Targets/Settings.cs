using Microsoft.Extensions.Logging.Abstractions;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Fuzz.Targets;

/// <summary>Settings and surroundings of components that are fuzzed.</summary>
internal static class Settings
{
    /// <summary>Reads the settings of a component.</summary>
    public static T Read<T>(IComponentFactory<T> factory, string yaml)
    {
        if (!YamlReader.TryRead(yaml, "settings", out var node, out var error))
        {
            throw new ArgumentException(error.ToString(), nameof(yaml));
        }

        var errors = new ConfigErrors();
        var section = new ConfigSection(node, node.Position, factory.Type, errors);
        var config = factory.ReadConfig(section);
        section.Finish();
        return errors.IsEmpty ? config : throw new ArgumentException(string.Join('\n', errors.Sorted()), nameof(yaml));
    }

    /// <summary>The surroundings of a component.</summary>
    public static ComponentContext Context(string type) => new()
    {
        Id = new ComponentId(type, ""),
        Signals = [Signal.Traces, Signal.Metrics, Signal.Logs],
        Loggers = NullLoggerFactory.Instance,
        Metrics = new MetricRegistry(),
        Extensions = new NoExtensions(),
        ReportStatus = static (_, _) => { },
        Time = TimeProvider.System,
    };

    private sealed class NoExtensions : IExtensionHost
    {
        public T? Find<T>(ComponentId id)
            where T : class => null;
    }
}
