using System.Net;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Extensions.Zpages;

/// <summary>Shows people the inside of the running collector: pipelines, components, queues, and what was refused or lost.</summary>
internal sealed class ZpagesExtension : IExtension
{
    private readonly ComponentContext _context;
    private readonly PageServer _server;

    /// <summary>An extension that does not listen yet.</summary>
    /// <param name="context">Its surroundings.</param>
    /// <param name="config">Its settings.</param>
    public ZpagesExtension(ComponentContext context, ZpagesConfig config)
    {
        _context = context;
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
        var tables = request.Path switch
        {
            "/debug/servicez" => ServiceTables.Service(_context.Collector, _context.Time.GetUtcNow()),
            "/debug/pipelinez" => PipelineTables.Pipelines(_context.Collector, _context.Metrics),
            "/debug/extensionz" => ServiceTables.Extensions(_context.Collector),
            "/debug/featurez" => ServiceTables.Features(),
            _ => null,
        };
        if (tables is null)
        {
            answer.Text(404, "there are /debug/servicez, /debug/pipelinez, /debug/extensionz and /debug/featurez");
            return;
        }

        answer.StatusCode = 200;
        if (request.Query.TryGetValue("format", out var format) && format == "json")
        {
            answer.ContentType = "application/json";
            ZpageTable.WriteJson(tables, answer.Body);
        }
        else
        {
            answer.ContentType = "text/html; charset=utf-8";
            ZpageTable.WriteHtml(request.Path["/debug/".Length..], tables, answer.Body);
        }
    }
}
