using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http.Features;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Receiver.Intake;

namespace TelemetryPipeline.Receiver.Grpc;

/// <summary>The three export services over Kestrel, without a gRPC framework; <c>docs/decisions/0005-grpc-endpoint.md</c> says why.</summary>
internal sealed class GrpcApplication(
    GrpcServerConfig config, SignalIntake[] intakes, ByteBudget budget, TimeProvider time, BackgroundWork background)
    : IHttpApplication<GrpcCall>
{
    /// <summary>The settings.</summary>
    public GrpcServerConfig Config => config;

    /// <summary>The messages that clients are sending.</summary>
    public ArrivingBodies Arriving { get; } = new(budget, config.ReadTimeout, time, background);

    /// <inheritdoc/>
    public GrpcCall CreateContext(IFeatureCollection contextFeatures)
    {
        // Kestrel reuses its streams, and a call stays with its stream.
        if (contextFeatures is IHostContextContainer<GrpcCall> container)
        {
            return (container.HostContext ??= new GrpcCall(this, budget, time)).Begin(contextFeatures);
        }

        return new GrpcCall(this, budget, time).Begin(contextFeatures);
    }

    /// <inheritdoc/>
    public Task ProcessRequestAsync(GrpcCall context) => context.RunAsync();

    /// <inheritdoc/>
    public void DisposeContext(GrpcCall context, Exception? exception) => context.End();

    /// <summary>Finds the intake that serves a path; null when none does.</summary>
    public SignalIntake? Find(string path)
    {
        var signal = path switch
        {
            "/opentelemetry.proto.collector.trace.v1.TraceService/Export" => Signal.Traces,
            "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export" => Signal.Metrics,
            "/opentelemetry.proto.collector.logs.v1.LogsService/Export" => Signal.Logs,
            _ => (Signal)SignalNames.Count,
        };
        return (int)signal < intakes.Length && intakes[(int)signal].IsServed ? intakes[(int)signal] : null;
    }
}
