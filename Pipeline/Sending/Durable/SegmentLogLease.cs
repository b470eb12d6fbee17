namespace TelemetryPipeline.Pipeline.Sending.Durable;

/// <summary>
/// The right to use a queue on disk. While a reload replaces an exporter, the old and the new one hold a lease of the
/// same log; the last one closes it.
/// </summary>
public sealed class SegmentLogLease : IDisposable
{
    private static readonly TimeSpan LockPoll = TimeSpan.FromMilliseconds(20);
    private static readonly Dictionary<string, Holding> Open = new(StringComparer.Ordinal);

    private readonly string _key;
    private bool _disposed;

    private SegmentLogLease(string key, SegmentLog log)
    {
        _key = key;
        Log = log;
    }

    /// <summary>The queue.</summary>
    internal SegmentLog Log { get; }

    /// <summary>Opens the log of a directory, or joins those who have it open in this process.</summary>
    /// <param name="options">Where and how.</param>
    /// <exception cref="ComponentStartException">The directory cannot be used, or another process holds it.</exception>
    public static async ValueTask<SegmentLogLease> OpenAsync(SegmentLogOptions options)
    {
        var started = options.Time.GetTimestamp();
        while (true)
        {
            if (TryOpen(options) is { } lease)
            {
                return lease;
            }

            if (options.Time.GetElapsedTime(started) >= options.LockTimeout)
            {
                throw new ComponentStartException(
                    $"cannot open the queue in {options.Directory}: another process holds it");
            }

            await Task.Delay(LockPoll, options.Time).ConfigureAwait(false);
        }
    }

    /// <summary>Gives the log up. Further calls do nothing.</summary>
    public void Dispose()
    {
        lock (Open)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            var holding = Open[_key];
            if (--holding.Leases == 0)
            {
                Open.Remove(_key);
                holding.Log.Close();
            }
        }
    }

    private static SegmentLogLease? TryOpen(SegmentLogOptions options)
    {
        var key = Path.GetFullPath(options.Directory);
        lock (Open)
        {
            if (Open.TryGetValue(key, out var holding))
            {
                holding.Leases++;
                holding.Log.Fsync = options.Fsync;
                return new SegmentLogLease(key, holding.Log);
            }

            if (SegmentLog.TryOpen(options) is not { } log)
            {
                return null;
            }

            Open.Add(key, new Holding(log) { Leases = 1 });
            return new SegmentLogLease(key, log);
        }
    }

    private sealed class Holding(SegmentLog log)
    {
        public SegmentLog Log => log;

        public int Leases { get; set; }
    }
}
