using System.Globalization;
using StackExchange.Redis;
using TelemetryPipeline.Redis;

namespace TelemetryPipeline.Exporters.RedisStreams;

/// <summary>The longest value that the server takes, its <c>proto-max-bulk-len</c>. Thread-safe.</summary>
/// <remarks>
/// A longer one costs the connection, and mostly the server's reason with it: what closes while bytes are still on
/// their way is reset. So the server is asked when a connection broke under a value that may have been too long. Where
/// <c>CONFIG</c> is not allowed, the reason that sometimes arrives is all there is.
/// </remarks>
internal sealed class ValueLimit
{
    /// <summary>The limit as Redis ships it, in bytes.</summary>
    public const long Highest = 512 * 1024 * 1024;

    // Redis takes no setting below this.
    private const long Lowest = 1024 * 1024;

    private long _bytes = Highest;
    private int _isDoubtful;

    /// <summary>The longest value, in bytes.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Asks again before the next batch where the failure may be due to a value that was too long.</summary>
    /// <param name="failure">What happened.</param>
    /// <param name="sentBytes">Bytes of the batch.</param>
    public void Doubt(in RedisFailure failure, long sentBytes)
    {
        if (failure.IsTopology && sentBytes > Lowest)
        {
            Volatile.Write(ref _isDoubtful, 1);
        }
    }

    /// <summary>Asks the server where the limit is in doubt.</summary>
    /// <param name="database">The server's database.</param>
    /// <exception cref="RedisException">There is no connection; the limit stays in doubt.</exception>
    public async ValueTask AskAgainAsync(IDatabase database)
    {
        if (Interlocked.Exchange(ref _isDoubtful, 0) == 0)
        {
            return;
        }

        try
        {
            var answer = await database.ExecuteAsync("CONFIG", "GET", "proto-max-bulk-len").ConfigureAwait(false);
            if (answer.Length == 2 && long.TryParse((string?)answer[1], CultureInfo.InvariantCulture, out var bytes) && bytes >= Lowest)
            {
                Interlocked.Exchange(ref _bytes, Math.Min(bytes, Highest));
            }
        }
        catch (RedisServerException)
        {
            // This user may not ask; the limit stays as it was.
        }
        catch
        {
            Volatile.Write(ref _isDoubtful, 1);
            throw;
        }
    }
}
