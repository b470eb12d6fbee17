using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using TelemetryPipeline.Tests.Exporters.Otlp;

namespace TelemetryPipeline.Tests.Exporters.Elasticsearch;

/// <summary>
/// An HTTP server that answers as the documentation of Elasticsearch 7.17, 8 and 9 and of OpenSearch says, and keeps
/// what it is sent: for what the real server in the integration tests cannot show.
/// </summary>
internal sealed class ScriptedCluster : IAsyncDisposable
{
    private readonly ScriptedServer _server;
    private readonly ConcurrentDictionary<string, string> _documents = new(StringComparer.Ordinal);

    private ScriptedCluster(ScriptedServer server)
    {
        _server = server;
        server.Answer = AnswerAsync;
    }

    public string Version { get; set; } = "8.15.0";

    public string Distribution { get; set; } = "";

    public string ClusterId { get; set; } = "c1";

    /// <summary>What <c>GET /</c> is answered with instead, as status and body.</summary>
    public (int Status, string Body)? RootAnswer { get; set; }

    /// <summary>Answers a bulk request as a whole instead: status, body, Retry-After; null lets it pass.</summary>
    public Func<Bulk, (int Status, string Body, string? RetryAfter)?> Whole { get; set; } = static _ => null;

    /// <summary>Status and error type of a document; null lets it be stored.</summary>
    public Func<JsonObject, JsonObject, (int Status, string Type)?> Refuse { get; set; } = static (_, _) => null;

    public ConcurrentQueue<Bulk> Bulks { get; } = [];

    /// <summary>Bodies of what was installed, by path.</summary>
    public ConcurrentDictionary<string, string> Installed { get; } = new(StringComparer.Ordinal);

    /// <summary>Answers to installations by path; default 200.</summary>
    public Func<string, int> InstallStatus { get; set; } = static _ => 200;

    /// <summary>Stored documents by index and id.</summary>
    public IReadOnlyDictionary<string, string> Documents => _documents;

    public int Port => _server.Port;

    public ConcurrentQueue<RecordedRequest> Requests => _server.Requests;

    public static async Task<ScriptedCluster> StartAsync(int port = 0) =>
        new(await ScriptedServer.StartAsync(HttpProtocols.Http1, port: port));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static byte[] Decompress(RecordedRequest request)
    {
        if (request.Headers.GetValueOrDefault("content-encoding") != "gzip")
        {
            return request.Body;
        }

        using var plain = new MemoryStream();
        using (var gzip = new GZipStream(new MemoryStream(request.Body), CompressionMode.Decompress))
        {
            gzip.CopyTo(plain);
        }

        return plain.ToArray();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var request = _server.Last;
        context.Response.ContentType = "application/json";
        if (request.Path == "/_bulk")
        {
            await AnswerBulkAsync(context, request);
        }
        else if (context.Request.Method == "PUT")
        {
            var status = InstallStatus(request.Path);
            if (status == 200)
            {
                Installed[request.Path] = Encoding.UTF8.GetString(request.Body);
            }

            context.Response.StatusCode = status;
            await context.Response.WriteAsync(status == 200 ? """{"acknowledged":true}""" : $$"""{"error":{"type":"scripted","reason":"no"},"status":{{status}}}""");
        }
        else
        {
            var (status, body) = RootAnswer ?? (200, Root());
            context.Response.StatusCode = status;
            await context.Response.WriteAsync(body);
        }
    }

    private string Root() => JsonSerializer.Serialize(new
    {
        name = "n1",
        cluster_uuid = ClusterId,
        version = Distribution.Length == 0 ? (object)new { number = Version } : new { distribution = Distribution, number = Version },
    });

    private async Task AnswerBulkAsync(HttpContext context, RecordedRequest request)
    {
        var bulk = new Bulk(Decompress(request));
        Bulks.Enqueue(bulk);
        if (Whole(bulk) is { } whole)
        {
            context.Response.StatusCode = whole.Status;
            if (whole.RetryAfter is { } after)
            {
                context.Response.Headers.RetryAfter = after;
            }

            await context.Response.WriteAsync(whole.Body);
            return;
        }

        var items = new JsonArray();
        foreach (var (action, document) in bulk.Lines)
        {
            var key = $"{action["_index"]}/{action["_id"] ?? Guid.NewGuid().ToString()}";
            var (status, type) = Refuse(action, document) ?? (_documents.TryAdd(key, document.ToJsonString())
                ? (201, "")
                : (409, "version_conflict_engine_exception"));
            var item = new JsonObject { ["status"] = status };
            if (status >= 300)
            {
                item["error"] = new JsonObject { ["type"] = type, ["reason"] = $"scripted {type}" };
            }

            items.Add(new JsonObject { ["create"] = item });
        }

        await context.Response.WriteAsync(new JsonObject { ["items"] = items }.ToJsonString());
    }

    /// <summary>A bulk request.</summary>
    internal sealed class Bulk
    {
        public Bulk(byte[] body)
        {
            Length = body.Length;
            var lines = Encoding.UTF8.GetString(body).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            for (var i = 0; i < lines.Length; i += 2)
            {
                Lines.Add((JsonNode.Parse(lines[i])!["create"]!.AsObject(), JsonNode.Parse(lines[i + 1])!.AsObject()));
            }
        }

        public int Length { get; }

        public List<(JsonObject Action, JsonObject Document)> Lines { get; } = [];
    }
}
