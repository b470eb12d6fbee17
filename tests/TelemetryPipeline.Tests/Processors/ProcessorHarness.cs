using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Tests.Processors;

/// <summary>Surroundings of a processor: a clock, metrics and settings built from pairs.</summary>
internal sealed class ProcessorHarness(Signal signal = Signal.Traces)
{
    public FakeTimeProvider Time { get; } = new();

    public MetricRegistry Metrics { get; } = new();

    public ComponentContext Context(string id, string pipeline = "") => new()
    {
        Id = ComponentId.TryParse(id, out var parsed, out var problem) ? parsed : throw new ArgumentException(problem),
        Pipeline = pipeline,
        Signals = [signal],
        Loggers = NullLoggerFactory.Instance,
        Metrics = Metrics,
        Time = Time,
        Extensions = new NoExtensions(),
        ReportStatus = static (_, _) => { },
    };

    /// <summary>The sum of a metric over series whose labels contain a text.</summary>
    public double Metric(string name, string labels = "")
    {
        var sum = 0.0;
        foreach (var family in Metrics.Families)
        {
            foreach (var (series, value) in family.Series)
            {
                if (family.Name == name && series.Contains(labels, StringComparison.Ordinal))
                {
                    sum += value switch { Counter c => c.Value, Gauge g => g.Read(), Histogram h => h.Sum, _ => 0 };
                }
            }
        }

        return sum;
    }

    /// <summary>Reads settings; returns the config and the problems.</summary>
    public static (T Config, IReadOnlyList<ConfigError> Errors) Read<T>(IComponentFactory<T> factory, ConfigNode? settings)
    {
        var errors = new ConfigErrors();
        var section = new ConfigSection(settings, Nodes.Here, $"processors::{factory.Type}", errors);
        var config = factory.ReadConfig(section);
        section.Finish();
        return (config, errors.Sorted());
    }

    /// <summary>Reads settings that must be right.</summary>
    public static T Config<T>(IComponentFactory<T> factory, ConfigNode? settings)
    {
        var (config, errors) = Read(factory, settings);
        Assert.Empty(errors);
        return config;
    }

    private sealed class NoExtensions : IExtensionHost
    {
        public T? Find<T>(ComponentId id)
            where T : class => null;
    }
}
