using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Redis;

namespace TelemetryPipeline.Receiver.RedisStreams;

/// <summary>
/// Reads what <c>redis_streams</c> exporters wrote, as a member of a consumer group, and acknowledges what the
/// pipelines accepted. Each key has a reader of its own.
/// </summary>
internal sealed class RedisStreamsReceiver : IReceiver, IAsyncDisposable
{
    private readonly ComponentContext _context;
    private readonly RedisStreamsReceiverConfig _config;
    private readonly RedisLink _link;
    private readonly IReadOnlyList<Outlet> _outlets;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _readers = [];
    private bool _isStopped;

    public RedisStreamsReceiver(ComponentContext context, RedisStreamsReceiverConfig config, IReadOnlyList<Outlet> outlets)
    {
        _context = context;
        _config = config;
        _outlets = outlets;
        _link = new RedisLink(config.Connection, config.Timeout, context);
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation)
    {
        _link.Load();
        var signals = new List<Signal>();
        foreach (var signal in SignalNames.All)
        {
            if (_outlets[(int)signal].IsConnected)
            {
                signals.Add(signal);
            }
        }

        var health = new ReaderHealth(_context);
        foreach (var key in _config.Keys(signals))
        {
            var reader = new GroupReader(key, _config, _link, _outlets, _context, health);
            _readers.Add(reader.RunAsync(_stop.Token));
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellation)
    {
        if (_isStopped)
        {
            return;
        }

        _isStopped = true;
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_readers).WaitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _link.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None).ConfigureAwait(false);
}
