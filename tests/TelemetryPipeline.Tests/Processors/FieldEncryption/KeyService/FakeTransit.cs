using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using TelemetryPipeline.TestSupport.Processes;

namespace TelemetryPipeline.Tests.Processors.FieldEncryption.KeyService;

/// <summary>A key service over HTTP with the interface of Vault's transit engine: wraps keys by remembering them.</summary>
internal sealed class FakeTransit : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _wrapped = [];

    private FakeTransit(int port, X509Certificate2? certificate)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen =>
        {
            if (certificate is not null)
            {
                listen.UseHttps(certificate);
            }
        }));
        builder.WebHost.UseKestrelHttpsConfiguration();
        _app = builder.Build();
        _app.Run(HandleAsync);
        Port = port;
    }

    public int Port { get; }

    public string Token { get; init; } = "t0ken";

    /// <summary>What it does instead of answering properly; null for nothing.</summary>
    public Func<HttpContext, Task>? Fault { get; set; }

    /// <summary>Requests so far, as "datakey/plaintext/name" and the headers that matter.</summary>
    public List<(string Path, string? Namespace)> Requests { get; } = [];

    public static async Task<FakeTransit> StartAsync(int? port = null, X509Certificate2? certificate = null)
    {
        var fake = new FakeTransit(port ?? FreePorts.Take(1)[0], certificate);
        await fake._app.StartAsync(TestContext.Current.CancellationToken);
        return fake;
    }

    public int CountOf(string path)
    {
        lock (_gate)
        {
            return Requests.FindAll(r => r.Path == path).Count;
        }
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        const string Mount = "/v1/transit/";
        var path = context.Request.Path.Value!;
        lock (_gate)
        {
            Requests.Add((path.StartsWith(Mount, StringComparison.Ordinal) ? path[Mount.Length..] : path, context.Request.Headers["X-Vault-Namespace"]));
        }

        if (Fault is { } fault)
        {
            await fault(context);
            return;
        }

        if (context.Request.Headers["X-Vault-Token"] != Token)
        {
            context.Response.StatusCode = 403;
            await context.Response.WriteAsync("{\"errors\":[\"permission denied\"]}");
            return;
        }

        var body = await JsonNode.ParseAsync(context.Request.Body);
        var answer = path.StartsWith(Mount + "datakey/plaintext/", StringComparison.Ordinal) ? NewKey(body!) : Unwrap(body!);
        if (answer is null)
        {
            context.Response.StatusCode = 400;
        }

        await context.Response.WriteAsync(answer is null ? "{\"errors\":[\"invalid ciphertext\"]}" : $"{{\"data\":{answer.ToJsonString()}}}");
    }

    private JsonObject NewKey(JsonNode body)
    {
        Assert.Equal(256, (int)body["bits"]!);
        var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        var wrapped = $"vault:v1:{Convert.ToBase64String(Encoding.ASCII.GetBytes($"wrapped-{_wrapped.Count}-padded-to-the-length-of-vaults-own-wrapped"))}";
        lock (_gate)
        {
            _wrapped[wrapped] = key;
        }

        return new JsonObject { ["ciphertext"] = wrapped, ["plaintext"] = key, ["key_version"] = 1 };
    }

    private JsonObject? Unwrap(JsonNode body) =>
        _wrapped.TryGetValue((string)body["ciphertext"]!, out var key) ? new JsonObject { ["plaintext"] = key } : null;
}
