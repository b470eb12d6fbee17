using System.Globalization;
using System.Net;
using System.Text.Json;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Extensions.HealthCheck;

/// <summary>Answers the questions of load balancers and orchestrators whether data can be sent here.</summary>
internal sealed class HealthCheckExtension : IExtension
{
    private readonly CollectorStatus _collector;
    private readonly HealthCheckConfig _config;
    private readonly TimeProvider _time;
    private readonly PageServer _server;

    /// <summary>An extension that does not listen yet.</summary>
    /// <param name="context">Its surroundings.</param>
    /// <param name="config">Its settings.</param>
    public HealthCheckExtension(ComponentContext context, HealthCheckConfig config)
    {
        _collector = context.Collector;
        _time = context.Time;

        // The plain page is for probes that ask nothing but yes or no, so there an error that stays means no.
        _config = config.UseV2 ? config : config with { IncludePermanentErrors = true };
        _server = new PageServer(config.Endpoint, Answer, context.Loggers, config.AllowedHosts);
    }

    /// <summary>Where it listens; null while it does not.</summary>
    internal IPEndPoint? Address => _server.Address;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation) => _server.StartAsync(cancellation);

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellation) => _server.StopAsync(cancellation);

    /// <summary>Answers a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="answer">The answer.</param>
    internal void Answer(PageRequest request, PageAnswer answer)
    {
        if (request.Path != _config.Path)
        {
            answer.Text(404, $"health is at {_config.Path}");
        }
        else if (_config.UseV2)
        {
            AnswerStatus(request, answer);
        }
        else
        {
            AnswerPlain(answer);
        }
    }

    private void AnswerPlain(PageAnswer answer)
    {
        var now = _time.GetUtcNow();
        var isHealthy = new HealthReport(_collector, _config, now).Overall().StatusCode == 200;
        if ((isHealthy ? _config.HealthyBody : _config.UnhealthyBody) is { } body)
        {
            answer.Text(isHealthy ? 200 : 503, body);
            return;
        }

        answer.StatusCode = isHealthy ? 200 : 503;
        answer.ContentType = "application/json";
        using var json = new Utf8JsonWriter(answer.Body);
        json.WriteStartObject();
        json.WriteString("status", isHealthy ? "Server available" : "Server not available");
        json.WriteString("upSince", _collector.StartedAt.ToString("O", CultureInfo.InvariantCulture));
        json.WriteString("uptime", GoDuration.Format(now - _collector.StartedAt));
        json.WriteEndObject();
    }

    private void AnswerStatus(PageRequest request, PageAnswer answer)
    {
        var report = new HealthReport(_collector, _config, _time.GetUtcNow());
        var verbose = request.Query.TryGetValue("verbose", out var value) && value != "false";
        if (!request.Query.TryGetValue("pipeline", out var wanted) || wanted.Length == 0)
        {
            answer.StatusCode = report.Overall().StatusCode;
            answer.ContentType = "application/json";
            using var json = new Utf8JsonWriter(answer.Body);
            report.Write(json, verbose);
            return;
        }

        foreach (var pipeline in _collector.Pipelines)
        {
            if (pipeline.Id == wanted)
            {
                answer.StatusCode = report.Of(pipeline).StatusCode;
                answer.ContentType = "application/json";
                using var json = new Utf8JsonWriter(answer.Body);
                report.Write(json, pipeline, verbose);
                return;
            }
        }

        answer.Text(404, "there is no such pipeline");
    }
}
