using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace TransferServices;

/// <summary>The OpenTelemetry SDK of one service: its own resource, tracer, meter and logger, as if it were its own process.</summary>
internal sealed class ServiceTelemetry : IDisposable
{
    // Short, so that a demo shows its data at once; a service would keep the SDK's defaults.
    private const int ExportEveryMs = 1000;

    private readonly TracerProvider _tracerProvider;
    private readonly MeterProvider _meterProvider;
    private readonly ILoggerFactory _loggers;
    private readonly Meter _meter;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _requests;

    public ServiceTelemetry(string serviceName, WorkloadOptions options)
    {
        var resource = ResourceBuilder.CreateEmpty().AddTelemetrySdk().AddService(
            serviceName, serviceNamespace: "transfer", serviceVersion: "1.0.0", serviceInstanceId: serviceName + "-1");
        resource.AddAttributes([new("deployment.environment.name", "demo")]);
        Source = new ActivitySource(serviceName, "1.0.0");
        _meter = new Meter(serviceName, "1.0.0");
        _duration = _meter.CreateHistogram<double>("transfer.node.duration", "ms", "Time a service spent on one call.");
        _requests = _meter.CreateCounter<long>("transfer.node.requests", "{request}", "Calls answered, by status and code.");
        _tracerProvider = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .AddSource(serviceName)
            .AddOtlpExporter(o =>
            {
                Direct(o, options, "v1/traces");
                o.BatchExportProcessorOptions.ScheduledDelayMilliseconds = ExportEveryMs;
                o.BatchExportProcessorOptions.MaxQueueSize = 16_384;
            })
            .Build();
        _meterProvider = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(serviceName)
            .AddOtlpExporter((o, reader) =>
            {
                Direct(o, options, "v1/metrics");
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = 5 * ExportEveryMs;
                reader.TemporalityPreference = MetricReaderTemporalityPreference.Delta;
            })
            .Build();
        _loggers = LoggerFactory.Create(builder => builder.AddOpenTelemetry(o =>
        {
            o.SetResourceBuilder(resource);
            o.IncludeFormattedMessage = true;
            o.AddOtlpExporter((e, processor) =>
            {
                Direct(e, options, "v1/logs");
                processor.BatchExportProcessorOptions.ScheduledDelayMilliseconds = ExportEveryMs;
            });
        }));
        Logger = _loggers.CreateLogger(serviceName);
    }

    /// <summary>Makes the service's spans.</summary>
    public ActivitySource Source { get; }

    /// <summary>The service's log.</summary>
    public ILogger Logger { get; }

    /// <summary>Counts one answered call.</summary>
    public void Record(TimeSpan duration, string nodeType, Verdict verdict)
    {
        var tags = new TagList
        {
            { "node_type", nodeType },
            { "status", verdict.Status },
        };
        if (verdict.Code is { } code)
        {
            tags.Add("code", code);
        }

        _duration.Record(duration.TotalMilliseconds, tags);
        _requests.Add(1, tags);
    }

    /// <summary>Sends what is left of spans and metrics.</summary>
    public void Flush(int timeoutMs)
    {
        _tracerProvider.ForceFlush(timeoutMs);
        _meterProvider.ForceFlush(timeoutMs);
    }

    public void Dispose()
    {
        _loggers.Dispose(); // flushes
        _tracerProvider.Dispose();
        _meterProvider.Dispose();
        _meter.Dispose();
        Source.Dispose();
    }

    private static void Direct(OtlpExporterOptions exporter, WorkloadOptions options, string path)
    {
        exporter.Protocol = options.Protocol;
        exporter.Endpoint = options.Protocol == OtlpExportProtocol.Grpc
            ? options.Endpoint
            : new Uri(options.Endpoint.AbsoluteUri.TrimEnd('/') + "/" + path);
        exporter.TimeoutMilliseconds = 5000;
    }
}
