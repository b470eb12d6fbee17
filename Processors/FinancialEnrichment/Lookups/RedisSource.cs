using System.Text;
using StackExchange.Redis;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Redis;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Lookups;

/// <summary>Fetches the fields of Redis hashes, many in one go. Connects when it is first asked, and again by itself.</summary>
/// <remarks>A key that waits for a connection is as good as one that was not answered: it is asked for again.</remarks>
internal sealed class RedisSource(RedisLookupConfig config, ComponentContext context) : ILookupSource
{
    private readonly byte[] _hash = Encoding.UTF8.GetBytes(config.Hash);
    private readonly byte[] _field = Encoding.UTF8.GetBytes(config.Field);
    private readonly RedisLink _link = new(config.Connection, config.Timeout, context);

    /// <inheritdoc/>
    public async Task<byte[]?[]> FetchAsync(IReadOnlyList<byte[]> keys, CancellationToken cancellation)
    {
        try
        {
            var database = await _link.DatabaseAsync(cancellation).ConfigureAwait(false);
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
        catch (Exception e) when (RedisFailure.IsExpected(e) || e is ComponentStartException)
        {
            var failure = e is ComponentStartException ? new RedisFailure("tls", e.Message) : RedisFailure.Of(e);
            if (failure.IsTopology)
            {
                _link.AskTopology();
            }

            throw new LookupFailedException(failure.Message, e);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _link.DisposeAsync();

    /// <summary>A name with the key in its place.</summary>
    private static byte[] Filled(byte[] name, byte[] key)
    {
        ReadOnlySpan<byte> place = "{key}"u8;
        var at = name.AsSpan().IndexOf(place);
        return at < 0 ? name : [.. name.AsSpan(0, at), .. key, .. name.AsSpan(at + place.Length)];
    }
}
