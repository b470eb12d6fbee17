using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http.Features;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Receiver.Intake;

namespace TelemetryPipeline.Receiver.Http;

/// <summary>OTLP/HTTP over Kestrel.</summary>
internal sealed class HttpApplication(
    HttpServerConfig config, SignalIntake[] intakes, ByteBudget budget, TimeProvider time, BackgroundWork background)
    : IHttpApplication<HttpExchange>
{
    /// <summary>The settings.</summary>
    public HttpServerConfig Config => config;

    /// <summary>Cross-origin requests; null when they get no answer of their own.</summary>
    public CorsPolicy? Cors { get; } = config.Cors is { } cors ? new CorsPolicy(cors) : null;

    /// <summary>The bodies that clients are sending.</summary>
    public ArrivingBodies Arriving { get; } = new(budget, config.ReadTimeout, time, background);

    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <inheritdoc/>
    public HttpExchange CreateContext(IFeatureCollection contextFeatures)
    {
        // Kestrel reuses its connections and streams, and an exchange stays with its own.
        if (contextFeatures is IHostContextContainer<HttpExchange> container)
        {
            return (container.HostContext ??= new HttpExchange(this, budget)).Begin(contextFeatures);
        }

        return new HttpExchange(this, budget).Begin(contextFeatures);
    }

    /// <inheritdoc/>
    public Task ProcessRequestAsync(HttpExchange context) => context.RunAsync();

    /// <inheritdoc/>
    public void DisposeContext(HttpExchange context, Exception? exception) => context.End();

    /// <summary>Finds the intake that serves a path; null when none does.</summary>
    public SignalIntake? Find(string path)
    {
        foreach (var intake in intakes)
        {
            if (config.Paths[(int)intake.Signal] == path)
            {
                return intake.IsServed ? intake : null;
            }
        }

        return null;
    }
}
