using System.Linq;
using System.Net;
using Microsoft.Extensions.Time.Testing;
using TelemetryPipeline.Exporters.Otlp.Grpc;

namespace TelemetryPipeline.Tests.Exporters.Otlp.Grpc;

public sealed class GrpcConnectionsTests
{
    private readonly FakeTimeProvider _time = new();
    private IPAddress[] _addresses = [IPAddress.Parse("10.0.0.1"), IPAddress.Parse("10.0.0.2"), IPAddress.Parse("10.0.0.3")];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pick_RoundRobin_TakesTheAddressesInTurn()
    {
        using var connections = Connections(GrpcBalancer.RoundRobin);
        Assert.Equal("1 2 3 1 2 3", await PickAsync(connections, 6));
    }

    [Fact]
    public async Task Pick_AddressIsDown_PassesItOverForAWhile()
    {
        using var connections = Connections(GrpcBalancer.RoundRobin);
        connections.Failed(await connections.PickAsync(Cancel));
        Assert.Equal("2 3 2 2 3 2", await PickAsync(connections, 6));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains('1', await PickAsync(connections, 3));
    }

    [Fact]
    public async Task Pick_AllDown_TriesThemAnyway()
    {
        using var connections = Connections(GrpcBalancer.RoundRobin);
        for (var i = 0; i < 3; i++)
        {
            connections.Failed(await connections.PickAsync(Cancel));
        }

        Assert.NotNull(await connections.PickAsync(Cancel));
    }

    [Fact]
    public async Task Pick_NameMoved_FollowsAfterAFailure()
    {
        using var connections = Connections(GrpcBalancer.RoundRobin);
        var first = await connections.PickAsync(Cancel);
        _addresses = [IPAddress.Parse("10.0.0.9")];
        connections.Failed(first);
        _time.Advance(GrpcConnections.ResolveInterval);
        Assert.Equal("9 9", await PickAsync(connections, 2));
    }

    // Scenario: a name that moves to other addresses a hundred times.
    // Guarantees: the ways to addresses that are gone are closed, at once or with the last request on them.
    [Fact]
    public async Task Pick_NameKeepsMoving_ClosesWhatIsLeftBehind()
    {
        var handlers = new List<SocketsHttpHandler>();
        using var connections = Connections(GrpcBalancer.RoundRobin, handlers);
        var busy = await connections.PickAsync(Cancel);
        Assert.True(busy.TryEnter());
        for (var i = 0; i < 100; i++)
        {
            _addresses = [IPAddress.Parse($"10.0.1.{i}"), IPAddress.Parse($"10.0.2.{i}")];
            connections.Failed(await connections.PickAsync(Cancel));
            _time.Advance(GrpcConnections.ResolveInterval);
            await connections.PickAsync(Cancel);
        }

        Assert.Equal(203, handlers.Count);
        Assert.Equal(3, handlers.Count(static handler => !IsClosed(handler)));
        Assert.True(busy.TryEnter());
        busy.Leave();
        busy.Leave();
        Assert.Equal(2, handlers.Count(static handler => !IsClosed(handler)));
        Assert.False(busy.TryEnter());
    }

    [Fact]
    public async Task Pick_PickFirst_LeavesTheChoiceToTheConnection()
    {
        using var connections = Connections(GrpcBalancer.PickFirst);
        Assert.Null((await connections.PickAsync(Cancel)).Address);
        Assert.Equal(1, connections.Count);
    }

    [Theory]
    [InlineData("gateway:4317", "gateway", 4317, null)]
    [InlineData("http://gateway:4317", "gateway", 4317, false)]
    [InlineData("https://gateway:443/", "gateway", 443, true)]
    [InlineData("dns:///gateway.bank.example:4317", "gateway.bank.example", 4317, null)]
    [InlineData("[::1]:4317", "[::1]", 4317, null)]
    public void TryParse_Accepts(string endpoint, string host, int port, bool? tls)
    {
        Assert.True(GrpcTarget.TryParse(endpoint, out var target, out _));
        Assert.Equal(new GrpcTarget(host, port, tls), target);
    }

    [Theory]
    [InlineData("gateway")]
    [InlineData("gateway:0")]
    [InlineData("gateway:70000")]
    [InlineData(":4317")]
    [InlineData("::1:4317")]
    [InlineData("unix:///run/otlp.sock")]
    [InlineData("http://gateway:4317/path")]
    public void TryParse_Rejects(string endpoint) => Assert.False(GrpcTarget.TryParse(endpoint, out _, out _));

    [Theory]
    [InlineData("{}", "c.yaml:1:1: otlp_grpc::endpoint: must be set")]
    [InlineData("{endpoint: h}", "c.yaml:1:12: otlp_grpc::endpoint: must be host:port, also behind http://, https:// or dns:///, got \"h\"")]
    [InlineData("{endpoint: 'h:1', balancer_name: grpclb}", "c.yaml:1:34: otlp_grpc::balancer_name: must be one of round_robin, pick_first, got \"grpclb\"")]
    [InlineData("{endpoint: 'h:1', tls: {server_name_override: a}, authority: b}", "c.yaml:1:62: otlp_grpc::authority: must be the same as tls::server_name_override \"a\" where both are set, got \"b\"")]
    [InlineData("{endpoint: 'h:1', headers: {grpc-timeout: 1s}}", "c.yaml:1:43: otlp_grpc::headers::grpc-timeout: must not be set here: it belongs to the protocol")]
    public void Read_Rejects(string yaml, string expected)
    {
        var (_, errors) = ExporterHarness.Read(new OtlpGrpcFactory(), yaml);
        Assert.Equal(expected, Assert.Single(errors));
    }

    private static async Task<string> PickAsync(GrpcConnections connections, int count)
    {
        var picked = new List<string>();
        for (var i = 0; i < count; i++)
        {
            var address = (await connections.PickAsync(Cancel)).Address!.ToString();
            picked.Add(address[^1..]);
        }

        return string.Join(' ', picked);
    }

    // A handler has no property for it, but refuses settings from then on.
    private static bool IsClosed(SocketsHttpHandler handler)
    {
        try
        {
            handler.UseCookies = false;
            return false;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }

    private GrpcConnections Connections(GrpcBalancer balancer, List<SocketsHttpHandler>? handlers = null) => new(
        "gateway", balancer, _time,
        _ =>
        {
            var handler = new SocketsHttpHandler();
            handlers?.Add(handler);
            return handler;
        },
        (_, _) => Task.FromResult(_addresses));
}
