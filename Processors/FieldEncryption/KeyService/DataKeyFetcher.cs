using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Processors.FieldEncryption.KeyService;

/// <summary>
/// Fetches data keys in the background before they are needed, and again when their time or uses are nearly over. Spans
/// never wait for it.
/// </summary>
internal sealed partial class DataKeyFetcher : IAsyncDisposable
{
    private const int FetchesMax = 8;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly KeyServiceConfig _config;
    private readonly IKeyService _service;
    private readonly TimeProvider _time;
    private readonly BackgroundWork _background;
    private readonly BackgroundLoop _fetchLoop;
    private readonly ConcurrentDictionary<string, DataKeyRing> _rings = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _places = new(FetchesMax);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _looking = new();
    private readonly Action<string?> _report;
    private ITimer? _timer;
    private bool _disposed;

    /// <summary>A fetcher; asks nobody before its start.</summary>
    /// <param name="config">The settings.</param>
    /// <param name="service">The key service; disposed of with this.</param>
    /// <param name="context">The processor's surroundings.</param>
    /// <param name="report">Told what is wrong, or null when all is well again.</param>
    public DataKeyFetcher(KeyServiceConfig config, IKeyService service, ComponentContext context, Action<string?> report)
    {
        _config = config;
        _service = service;
        _time = context.Time;
        _background = context.Background;
        _fetchLoop = _background.Watch("data_key_fetch");
        _report = report;
        _log = context.Loggers.CreateLogger<DataKeyFetcher>();
        var processor = ("processor", context.Id.ToString());
        _fetches = context.Metrics.Counter(FetchMetric, FetchHelp, processor, ("outcome", "success"));
        _failures = context.Metrics.Counter(FetchMetric, FetchHelp, processor, ("outcome", "failure"));
        context.Metrics.Gauge(
            "otelcol_processor_field_encryption_data_keys", "Data keys in use.", CountUsable, processor, ("pipeline", context.Pipeline));
    }

    /// <summary>The ring of a key of the key service. A new one is fetched for soon.</summary>
    /// <param name="name">The key's name.</param>
    public DataKeyRing RingOf(string name)
    {
        if (_rings.TryGetValue(name, out var known))
        {
            return known;
        }

        var ring = _rings.GetOrAdd(name, new DataKeyRing(name, _config, _time));
        if (_timer is not null)
        {
            _ = _background.RunAsync("data_key_watch", LookAsync);
        }

        return ring;
    }

    /// <summary>Begins to fetch, and waits for the first keys as long as the key service may take for one.</summary>
    /// <param name="cancellation">Ends the waiting.</param>
    public async Task StartAsync(CancellationToken cancellation)
    {
        _timer ??= _background.CreateWatch("data_key_watch", Look, Interval);
        Look();
        var first = new List<Task>();
        foreach (var ring in _rings.Values)
        {
            first.Add(ring.Fetch);
        }

        await Task.WhenAll(first).WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_looking)
        {
            // From here on no fetch begins.
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        if (_timer is not null)
        {
            await _timer.DisposeAsync().ConfigureAwait(false);
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        foreach (var ring in _rings.Values)
        {
            await ring.Fetch.ConfigureAwait(false);
        }

        _service.Dispose();
        _places.Dispose();
        _stop.Dispose();
    }

    /// <summary>Begins to fetch what is needed.</summary>
    internal void Look()
    {
        lock (_looking)
        {
            foreach (var (_, ring) in _rings)
            {
                if (!_disposed && ring.NeedsKey())
                {
                    ring.Fetch = FetchAsync(ring);
                }
            }
        }
    }

    private Task LookAsync()
    {
        Look();
        return Task.CompletedTask;
    }

    private async Task FetchAsync(DataKeyRing ring)
    {
        try
        {
            await _places.WaitAsync(_stop.Token).ConfigureAwait(false);
            try
            {
                ring.Take(await _service.NewDataKeyAsync(ring.Name, _stop.Token).ConfigureAwait(false));
            }
            finally
            {
                _places.Release();
            }

            Fetched(ring.Name);
            _fetchLoop.Succeeded();
        }
        catch (KeyServiceException e)
        {
            ring.Failed();
            Failed(ring.Name, e.Message);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The processor stops.
        }
        catch (Exception e)
        {
            _fetchLoop.Failed(e);
            ring.Failed();
            Failed(ring.Name, $"unexpected error: {e.Message}");
        }
    }

    private double CountUsable()
    {
        var usable = 0;
        foreach (var (_, ring) in _rings)
        {
            usable += ring.IsUsable ? 1 : 0;
        }

        return usable;
    }
}
