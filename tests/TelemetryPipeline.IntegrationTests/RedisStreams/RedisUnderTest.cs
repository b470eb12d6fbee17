using System.Globalization;
using System.Linq;
using StackExchange.Redis;
using TelemetryPipeline.TestSupport.Processes;

namespace TelemetryPipeline.IntegrationTests.RedisStreams;

/// <summary>
/// The server that tests write to: the one that <c>REDIS_URL</c> names (<c>redis://user:password@host:port</c>), else one
/// of their own. Streams have names of their own for each test and are deleted at its end.
/// </summary>
internal sealed class RedisUnderTest : IAsyncDisposable
{
    /// <summary>The consumer group that readers are in.</summary>
    public const string Group = "readers";

    private readonly ChildProcess? _own;
    private readonly ConnectionMultiplexer _client;
    private readonly string _prefix = $"test-{Guid.NewGuid():n}";

    private RedisUnderTest(ChildProcess? own, ConnectionMultiplexer client, string connection)
    {
        _own = own;
        _client = client;
        Connection = connection;
    }

    /// <summary>Its settings as lines of YAML, four blanks in front of all but the first.</summary>
    public string Connection { get; }

    /// <summary>The name of streams, for exporters and receivers.</summary>
    public string Stream => _prefix + ":{signal}";

    /// <summary>A client that is not the code under test.</summary>
    public IDatabase Database => _client.GetDatabase();

    /// <summary>Finds or starts a server; skips the test where there is none.</summary>
    public static async Task<RedisUnderTest> StartAsync()
    {
        var given = Environment.GetEnvironmentVariable("REDIS_URL");
        if (!string.IsNullOrEmpty(given))
        {
            var url = new Uri(given);
            var who = url.UserInfo.Split(':');
            var lines = new List<string> { $"endpoint: \"{url.Scheme}://{url.Host}:{url.Port}\"" };
            var options = new ConfigurationOptions { EndPoints = { { url.Host, url.Port } }, Ssl = url.Scheme == "rediss" };
            if (who is [var user, var password])
            {
                lines.Add($"password: \"{password}\"");
                options.Password = password;
                if (user.Length > 0)
                {
                    lines.Add($"username: \"{user}\"");
                    options.User = user;
                }
            }

            return new RedisUnderTest(null, await ConnectionMultiplexer.ConnectAsync(options), string.Join("\n    ", lines));
        }

        Assert.SkipWhen(RedisServer.Program is null, RedisServer.MissingReason);
        var port = FreePorts.Take(1)[0];
        var own = await RedisServer.StartAsync(port);
        var endpoint = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
        return new RedisUnderTest(own, await ConnectionMultiplexer.ConnectAsync(endpoint), $"endpoint: \"{endpoint}\"");
    }

    /// <summary>The keys of a signal's stream.</summary>
    public string[] KeysOf(string signal, int partitions) => partitions == 1
        ? [$"{_prefix}:{signal}"]
        : [.. Enumerable.Range(0, partitions).Select(i => $"{_prefix}:{signal}:{{{i}}}")];

    public async ValueTask DisposeAsync()
    {
        if (_own is null)
        {
            foreach (var signal in (string[])["traces", "metrics", "logs"])
            {
                foreach (var key in KeysOf(signal, 1).Concat(KeysOf(signal, 16)))
                {
                    await Database.KeyDeleteAsync(key);
                    await Database.KeyDeleteAsync(key + ":dead");
                }
            }
        }

        await _client.DisposeAsync();
        if (_own is not null)
        {
            await _own.DisposeAsync();
        }
    }
}
