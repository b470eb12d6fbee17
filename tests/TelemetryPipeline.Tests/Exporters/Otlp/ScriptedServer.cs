using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace TelemetryPipeline.Tests.Exporters.Otlp;

/// <summary>A request as it arrived.</summary>
internal sealed record RecordedRequest(
    string Path, string Protocol, string Host, IReadOnlyDictionary<string, string> Headers, byte[] Body, string? ClientCertificate);

/// <summary>A real Kestrel server that keeps what it is sent and answers as the test says.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ScriptedServer(WebApplication app) => _app = app;

    public ConcurrentQueue<RecordedRequest> Requests { get; } = [];

    /// <summary>Answers a request whose body was read; the test may change it at any time.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = static _ => Task.CompletedTask;

    public int Port { get; private set; }

    /// <summary>The last request.</summary>
    public RecordedRequest Last => Requests.ToArray()[^1];

    public static async Task<ScriptedServer> StartAsync(
        HttpProtocols protocols, X509Certificate2? certificate = null, X509Certificate2? clientAuthority = null,
        IPAddress? address = null, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(address ?? IPAddress.Loopback, port, listen =>
        {
            listen.Protocols = protocols;
            if (certificate is not null)
            {
                listen.UseHttps(new HttpsConnectionAdapterOptions
                {
                    ServerCertificate = certificate,
                    ClientCertificateMode = clientAuthority is null
                        ? ClientCertificateMode.NoCertificate
                        : ClientCertificateMode.RequireCertificate,
                    ClientCertificateValidation = (client, _, _) => clientAuthority is not null && IsSignedBy(client, clientAuthority),
                });
            }
        }));
        var app = builder.Build();
        var server = new ScriptedServer(app);
        app.Run(server.HandleAsync);
        await app.StartAsync();
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        foreach (var text in addresses.Addresses)
        {
            server.Port = new Uri(text).Port;
        }

        return server;
    }

    /// <summary>Servers on one port of different addresses of this machine, as a name with several addresses has them.</summary>
    public static async Task<ScriptedServer[]> StartFleetAsync(HttpProtocols protocols, params IPAddress[] addresses)
    {
        while (true)
        {
            var servers = new List<ScriptedServer>();
            try
            {
                foreach (var address in addresses)
                {
                    servers.Add(await StartAsync(protocols, address: address, port: servers.Count == 0 ? 0 : servers[0].Port));
                }

                return [.. servers];
            }
            catch (IOException)
            {
                // Somebody has that port on another of the addresses: with the next port then.
                foreach (var server in servers)
                {
                    await server.DisposeAsync();
                }
            }
        }
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private static bool IsSignedBy(X509Certificate2 certificate, X509Certificate2 authority)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }

    private async Task HandleAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in context.Request.Headers)
        {
            headers[name] = value.ToString();
        }

        Requests.Enqueue(new RecordedRequest(
            context.Request.Path, context.Request.Protocol, context.Request.Host.ToString(), headers, body.ToArray(),
            context.Connection.ClientCertificate?.Subject));
        await Answer(context);
    }
}
