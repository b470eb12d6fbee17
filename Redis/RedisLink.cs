using System.Net.Security;
using StackExchange.Redis;
using StackExchange.Redis.Availability;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Tls;

namespace TelemetryPipeline.Redis;

/// <summary>
/// A connection to a server, to the nodes of a cluster, or to the master that Sentinels name. Connects when it is first
/// asked for, and again by itself; commands fail at once while there is no connection, so that waiting is left to
/// whoever knows what to do with the time.
/// </summary>
/// <remarks>Thread-safe.</remarks>
public sealed class RedisLink : IAsyncDisposable
{
    private static readonly TimeSpan ReconnectPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan TopologyPause = TimeSpan.FromSeconds(1);
    private const int TopologyCheckSeconds = 30;

    private readonly RedisConnectionConfig _config;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly BackgroundWork _background;
    private readonly CertificateSource? _certificates;
    private readonly SemaphoreSlim _connecting = new(1, 1);
    private volatile ConnectionMultiplexer? _connection;
    private long _topologyAskedAt;
    private bool _disposed;

    /// <summary>A link that is not connected yet.</summary>
    /// <param name="config">Where Redis is and who connects.</param>
    /// <param name="timeout">How long a connection and an answer may take; 1 ms or more.</param>
    /// <param name="context">The component that speaks to Redis.</param>
    public RedisLink(RedisConnectionConfig config, TimeSpan timeout, ComponentContext context)
    {
        _config = config;
        _timeout = timeout;
        _time = context.Time;
        _background = context.Background;
        _certificates = config.Tls is { } tls ? new CertificateSource(tls, context) : null;
    }

    /// <summary>Reads the certificates.</summary>
    /// <exception cref="ComponentStartException">A file is missing or is not what it should be.</exception>
    public void Load() => _certificates?.Load();

    /// <summary>The database, connected or about to be.</summary>
    /// <param name="cancellation">Ends waiting for the first connection.</param>
    /// <exception cref="RedisException">There is nobody to connect to; only Sentinels that do not answer end so.</exception>
    public ValueTask<IDatabase> DatabaseAsync(CancellationToken cancellation) =>
        _connection is { } connection ? new(connection.GetDatabase(_config.Database)) : ConnectAsync(cancellation);

    /// <summary>Asks the servers for their roles again, at most once a second: a failover or a move of slots may have changed them.</summary>
    public void AskTopology()
    {
        var last = Interlocked.Read(ref _topologyAskedAt);
        var now = _time.GetTimestamp();
        if (_connection is { } connection && (last == 0 || _time.GetElapsedTime(last, now) >= TopologyPause)
            && Interlocked.CompareExchange(ref _topologyAskedAt, now, last) == last)
        {
            _ = _background.RunAsync("redis_topology", () => AskTopologyAsync(connection));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _connecting.WaitAsync().ConfigureAwait(false);
        try
        {
            _disposed = true;
            if (_connection is { } connection)
            {
                _connection = null;
                await connection.DisposeAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            _connecting.Release();
        }
    }

    // The answer matters to nobody here: whoever sends the next command sees what came of it.
    private static async Task AskTopologyAsync(ConnectionMultiplexer connection)
    {
        try
        {
            await connection.ConfigureAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (RedisFailure.IsExpected(e))
        {
            // Asked again after the next failure.
        }
    }

    private async ValueTask<IDatabase> ConnectAsync(CancellationToken cancellation)
    {
        await _connecting.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_connection is null)
            {
                _certificates?.Load();
                var pending = ConnectionMultiplexer.ConnectAsync(Options());
                try
                {
                    _connection = await pending.WaitAsync(cancellation).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    _ = _background.RunAsync("redis_connection", () => DisposeOfLateAsync(pending));
                    throw;
                }
            }

            return _connection.GetDatabase(_config.Database);
        }
        finally
        {
            _connecting.Release();
        }
    }

    private static async Task DisposeOfLateAsync(Task<ConnectionMultiplexer> pending)
    {
        try
        {
            var late = await pending.ConfigureAwait(false);
            await late.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (RedisFailure.IsExpected(e))
        {
            // Nothing was opened.
        }
    }

    private ConfigurationOptions Options()
    {
        var timeoutMs = (int)Math.Clamp(_timeout.TotalMilliseconds, 1, int.MaxValue);
        var options = new ConfigurationOptions
        {
            AbortOnConnectFail = false,
            ConnectTimeout = timeoutMs,
            AsyncTimeout = timeoutMs,
            SyncTimeout = timeoutMs,
            ConnectRetry = 1,
            ReconnectRetryPolicy = new LinearRetry((int)ReconnectPause.TotalMilliseconds),
            ConfigCheckSeconds = TopologyCheckSeconds,
            BacklogPolicy = BacklogPolicy.FailFast,
            User = _config.UserName,
            Password = _config.Password?.Reveal(),
            ServiceName = _config.Sentinel?.MasterName,
            SentinelUser = _config.Sentinel?.UserName,
            SentinelPassword = _config.Sentinel?.Password?.Reveal(),
            ClientName = "telemetry-pipeline",

            // Lets CONFIG GET out of the client library; whether the server answers it is the server's to decide.
            AllowAdmin = true,

            // Keys and channels of the client library's own would have to be allowed in every ACL.
            TieBreaker = "",
            ConfigurationChannel = "",
            SetClientLibrary = false,
            IncludeDetailInExceptions = false,

            // Repeating a command, and giving a server up, are decided by those who count what they send.
            RetryPolicy = RetryPolicy.None,
            CircuitBreaker = CircuitBreaker.None,
        };
        foreach (var endpoint in _config.Endpoints)
        {
            options.EndPoints.Add(endpoint.Host, endpoint.Port);
        }

        if (_config.Tls is { } tls)
        {
            options.Ssl = true;
            options.SslClientAuthenticationOptions = host => Tls(tls, host);
        }

        return options;
    }

    private SslClientAuthenticationOptions Tls(TlsClientConfig tls, string host)
    {
        var options = TlsOptions.ForClient(tls, _certificates!);
        options.TargetHost = tls.ServerNameOverride ?? host;
        return options;
    }
}
