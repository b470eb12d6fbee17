using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;

namespace TelemetryPipeline.IntegrationTests.Alerting;

/// <summary>An HTTP server that keeps the JSON it is sent, as the on-call tool behind Alertmanager.</summary>
internal sealed class CallReceiver : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Task _work;

    public CallReceiver(int port)
    {
        Address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/");
        _listener.Prefixes.Add(Address);
        _listener.Start();
        _work = Task.Run(ReceiveAsync);
    }

    public string Address { get; }

    public ConcurrentQueue<JsonElement> Calls { get; } = [];

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _work;
    }

    private async Task ReceiveAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            using var body = await JsonDocument.ParseAsync(context.Request.InputStream);
            Calls.Enqueue(body.RootElement.Clone());
            context.Response.Close();
        }
    }
}
