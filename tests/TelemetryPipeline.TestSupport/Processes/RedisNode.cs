using System.Globalization;
using StackExchange.Redis;

namespace TelemetryPipeline.TestSupport.Processes;

/// <summary>
/// A Redis server in a folder of its own that can be stopped, killed and started again. What it has answered is on disk.
/// </summary>
public sealed class RedisNode : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("redis-node-").FullName;
    private readonly string[] _arguments;
    private ChildProcess? _process;
    private ConnectionMultiplexer? _client;

    private RedisNode(int port, string[] arguments)
    {
        Port = port;
        _arguments = arguments;
    }

    /// <summary>Its port on the loopback interface.</summary>
    public int Port { get; }

    /// <summary>Its address.</summary>
    public string Endpoint => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>Starts a server.</summary>
    /// <param name="arguments">Settings as on its command line, beside those for port, folder and the file of all writes.</param>
    public static Task<RedisNode> StartAsync(params string[] arguments) => StartAsync(FreePorts.TakeLasting(1)[0], arguments);

    /// <summary>Starts a server on a port.</summary>
    public static async Task<RedisNode> StartAsync(int port, params string[] arguments)
    {
        var node = new RedisNode(port, arguments);
        await node.StartAgainAsync();
        return node;
    }

    /// <summary>Starts it again where it was stopped.</summary>
    public async Task StartAgainAsync() => _process = await RedisServer.StartAsync(
        Port, ["--dir", _folder, "--appendonly", "yes", "--appendfsync", "always", "--enable-debug-command", "yes", .. _arguments]);

    /// <summary>Stops it with SIGTERM.</summary>
    public async Task StopAsync()
    {
        await _process!.StopAsync();
        await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>Kills it with SIGKILL.</summary>
    public async Task KillAsync()
    {
        await _process!.SignalAsync("KILL");
        await _process.WaitForExitAsync();
        await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>A client of its own, with which a test does what an administrator would.</summary>
    public async Task<IServer> AdminAsync()
    {
        _client ??= await ConnectAsync();
        return _client.GetServer(Endpoint);
    }

    /// <summary>A connection of its own, the caller's to dispose of.</summary>
    public async Task<ConnectionMultiplexer> ConnectAsync() => await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
    {
        EndPoints = { Endpoint },
        AllowAdmin = true,
        AbortOnConnectFail = false,
        ConnectRetry = 10,
        AsyncTimeout = 30_000,
    });

    /// <summary>Its data.</summary>
    public async Task<IDatabase> DatabaseAsync()
    {
        await AdminAsync();
        return _client!.GetDatabase();
    }

    /// <summary>Sends a command to this very server, whatever its role is.</summary>
    public async Task<RedisResult> ExecuteAsync(string command, params object[] arguments) =>
        await (await AdminAsync()).ExecuteAsync(command, arguments);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
        {
            await _client.DisposeAsync();
        }

        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }
}
