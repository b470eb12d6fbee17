using System.Text;
using StackExchange.Redis;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Lookups;

/// <summary>Fetches the fields of Redis hashes, many in one go. Connects when it is first asked, and again by itself.</summary>
internal sealed class RedisSource(RedisLookupConfig config) : ILookupSource
{
    private readonly byte[] _hash = Encoding.UTF8.GetBytes(config.Hash);
    private readonly byte[] _field = Encoding.UTF8.GetBytes(config.Field);
    private ConnectionMultiplexer? _connection;

    /// <inheritdoc/>
    public async Task<byte[]?[]> FetchAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellation)
    {
        try
        {
            _connection ??= await ConnectionMultiplexer.ConnectAsync(Options()).WaitAsync(cancellation).ConfigureAwait(false);
            var database = _connection.GetDatabase(config.Database);
            var answers = new Task<RedisValue>[keys.Count];
            for (var i = 0; i < answers.Length; i++)
            {
                answers[i] = database.HashGetAsync(Filled(_hash, keys[i]), Filled(_field, keys[i]));
            }

            var values = await Task.WhenAll(answers).WaitAsync(config.Timeout + config.Timeout, cancellation).ConfigureAwait(false);
            var result = new byte[]?[values.Length];
            for (var i = 0; i < result.Length; i++)
            {
                result[i] = values[i].IsNull ? null : (byte[]?)values[i];
            }

            return result;
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException or ArgumentException)
        {
            throw new LookupFailedException(FirstLine(e.Message), e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    private ConfigurationOptions Options()
    {
        var timeoutMs = (int)Math.Clamp(config.Timeout.TotalMilliseconds, 1, int.MaxValue);
        var options = new ConfigurationOptions
        {
            AbortOnConnectFail = false,
            AllowAdmin = false,
            ConnectTimeout = timeoutMs,
            AsyncTimeout = timeoutMs,
            SyncTimeout = timeoutMs,
            ConnectRetry = 1,
            Ssl = config.Tls,
            User = config.UserName,
            Password = config.Password?.Reveal(),
            ClientName = "telemetry-pipeline",

            // A key that waits for a connection is as good as one that was not answered; it is asked for again.
            BacklogPolicy = BacklogPolicy.FailFast,
        };
        foreach (var endpoint in config.Endpoints)
        {
            options.EndPoints.Add(endpoint);
        }

        return options;
    }

    /// <summary>A name with the key in its place.</summary>
    private static byte[] Filled(byte[] name, byte[] key)
    {
        ReadOnlySpan<byte> place = "{key}"u8;
        var at = name.AsSpan().IndexOf(place);
        return at < 0 ? name : [.. name.AsSpan(0, at), .. key, .. name.AsSpan(at + place.Length)];
    }

    private static string FirstLine(string message) => message.Split('\n', 2)[0].TrimEnd('\r');
}
