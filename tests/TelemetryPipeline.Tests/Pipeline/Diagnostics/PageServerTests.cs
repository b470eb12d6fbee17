using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Tests.Pipeline.Diagnostics;

public class PageServerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>
    /// Scenario: more clients connect than there are places, send nothing or half a request, and stay.
    /// Guarantees: each new request is answered all the same.
    /// </summary>
    [Theory]
    [InlineData("")]
    [InlineData("GET / HTTP/1.1\r\nHost: local")]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    public async Task Get_MoreIdleConnectionsThanPlaces_IsAnswered(string sent)
    {
        var server = await StartAsync();
        var idle = new List<TcpClient>();
        try
        {
            for (var i = 0; i < PageServer.ConnectionsMax + 20; i++)
            {
                idle.Add(await ConnectAsync(server, sent));
            }

            for (var i = 0; i < 5; i++)
            {
                Assert.StartsWith("HTTP/1.1 200 ", await GetAsync(server, "localhost"), StringComparison.Ordinal);
            }
        }
        finally
        {
            idle.ForEach(static client => client.Dispose());
            await server.StopAsync(Token);
        }
    }

    [Theory]
    [InlineData("localhost", "HTTP/1.1 200 ")]
    [InlineData("127.0.0.1", "HTTP/1.1 200 ")]
    [InlineData("attacker.example", "HTTP/1.1 421 ")]
    public async Task Get_HostHeader_IsChecked(string host, string expected)
    {
        var server = await StartAsync();
        Assert.StartsWith(expected, await GetAsync(server, host), StringComparison.Ordinal);
        await server.StopAsync(Token);
    }

    [Fact]
    public async Task Get_Http10WithoutHost_IsAnswered()
    {
        var server = await StartAsync();
        using var client = await ConnectAsync(server, "GET / HTTP/1.0\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 ", await new StreamReader(client.GetStream()).ReadToEndAsync(Token), StringComparison.Ordinal);
        await server.StopAsync(Token);
    }

    [Fact]
    public async Task Get_PageFails_IsNeverASuccess()
    {
        var server = await StartAsync(static (_, _) => throw new InvalidOperationException("no page"));
        Assert.StartsWith("HTTP/1.1 500 ", await GetAsync(server, "localhost"), StringComparison.Ordinal);
        await server.StopAsync(Token);
    }

    private static async Task<PageServer> StartAsync(Action<PageRequest, PageAnswer>? render = null)
    {
        var server = new PageServer(
            new ListenEndpoint("localhost", 0), render ?? (static (_, answer) => answer.Text(200, "ok")), NullLoggerFactory.Instance);
        await server.StartAsync(Token);
        return server;
    }

    private static async Task<string> GetAsync(PageServer server, string host)
    {
        using var client = await ConnectAsync(server, $"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        return await new StreamReader(client.GetStream()).ReadToEndAsync(Token);
    }

    private static async Task<TcpClient> ConnectAsync(PageServer server, string send)
    {
        var client = new TcpClient();
        await client.ConnectAsync(server.Address!, Token);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(send), Token);
        return client;
    }
}
