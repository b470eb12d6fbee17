using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Tests.Exporters;

/// <summary>Surroundings of an exporter: metrics, logs that are kept, and settings from YAML.</summary>
internal sealed class ExporterHarness : ILoggerFactory, ILogger, IExtensionHost
{
    public TimeProvider Time { get; init; } = TimeProvider.System;

    public MetricRegistry Metrics { get; } = new();

    public ConcurrentQueue<string> Logs { get; } = [];

    public ComponentContext Context(string type) => new()
    {
        Id = new ComponentId(type, ""),
        Signals = [Signal.Traces, Signal.Metrics, Signal.Logs],
        Loggers = this,
        Metrics = Metrics,
        Time = Time,
        Extensions = this,
        ReportStatus = static (_, _) => { },
    };

    /// <summary>Reads settings and returns the problems.</summary>
    public static (T Config, IReadOnlyList<string> Errors) Read<T>(IComponentFactory<T> factory, string yaml)
    {
        Assert.True(YamlReader.TryRead(yaml, "c.yaml", out var node, out var problem), problem?.ToString());
        var errors = new ConfigErrors();
        var config = factory.ReadConfig(new ConfigSection(node, node.Position, factory.Type, errors));
        var texts = new List<string>();
        foreach (var error in errors.Sorted())
        {
            texts.Add(error.ToString());
        }

        return (config, texts);
    }

    /// <summary>Reads settings that must be right.</summary>
    public static T Config<T>(IComponentFactory<T> factory, string yaml)
    {
        var (config, errors) = Read(factory, yaml);
        Assert.Empty(errors);
        return config;
    }

    public long Count(string metric)
    {
        long sum = 0;
        foreach (var family in Metrics.Families)
        {
            foreach (var (_, value) in family.Series)
            {
                sum += family.Name == metric && value is Counter counter ? counter.Value : 0;
            }
        }

        return sum;
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Logs.Enqueue(formatter(state, exception));

    public T? Find<T>(ComponentId id)
        where T : class => null;

    public void Dispose()
    {
    }
}
