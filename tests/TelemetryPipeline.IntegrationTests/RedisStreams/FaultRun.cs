using System.Globalization;
using System.Linq;
using StackExchange.Redis;
using TelemetryPipeline.TestSupport.Processes;
using TelemetryPipeline.TestSupport;

namespace TelemetryPipeline.IntegrationTests.RedisStreams;

/// <summary>
/// A collector that exports to Redis Streams and is sent spans without pause while something is broken. At the end
/// every span that it accepted must be in a stream, without anybody's help, and what is there twice must say so.
/// </summary>
internal sealed class FaultRun : IAsyncDisposable
{
    private const int AcceptedForProgress = 400;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _stop = new();
    private readonly Func<Task<IDatabase>> _database;
    private readonly string[] _keys;
    private CollectorProcess _collector;
    private Task _sending;

    private FaultRun(CollectorProcess collector, Func<Task<IDatabase>> database, string[] keys, int spansPerRequest, int bytesPerSpan)
    {
        _collector = collector;
        _database = database;
        _keys = keys;
        Load = new TransferLoad(collector.HttpEndpoint, spansPerRequest, bytesPerSpan);
        _sending = Load.SendUntilAsync(_stop.Token);
    }

    /// <summary>The spans that are sent.</summary>
    public TransferLoad Load { get; }

    /// <summary>Starts a collector and the load on it.</summary>
    /// <param name="endpoints">Where the collector finds Redis.</param>
    /// <param name="database">Where the test finds it.</param>
    /// <param name="settings">More lines of the exporter's settings.</param>
    /// <param name="storage">Folder of the durable queue; null keeps the queue in memory.</param>
    /// <param name="keys">The keys to look into at the end.</param>
    /// <param name="spansPerRequest">Spans in each request.</param>
    /// <param name="bytesPerSpan">Bytes that each span is made longer by.</param>
    public static async Task<FaultRun> StartAsync(
        IEnumerable<string> endpoints, Func<Task<IDatabase>> database, string settings = "", string? storage = null, string[]? keys = null,
        int spansPerRequest = 20, int bytesPerSpan = 0) =>
        new(await CollectorProcess.StartAsync(Yaml(endpoints, settings, storage)), database, keys ?? ["telemetry:traces"], spansPerRequest, bytesPerSpan);

    /// <summary>As above, with one server.</summary>
    public static Task<FaultRun> StartAsync(RedisNode node, int? port = null, string settings = "", string? storage = null) => StartAsync(
        [string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port ?? node.Port}")], node.DatabaseAsync, settings, storage);

    /// <summary>Waits until the collector has accepted some more spans.</summary>
    public async Task AcceptMoreAsync()
    {
        var before = Load.AcceptedSpanIds.Count;
        await WaitUntilAsync(() => Task.FromResult(Load.AcceptedSpanIds.Count >= before + AcceptedForProgress), "accepts more spans");
    }

    /// <summary>Waits until some more entries are in the streams.</summary>
    public async Task WriteMoreAsync()
    {
        var before = await LengthAsync();
        await WaitUntilAsync(async () => await LengthAsync() > before, "writes more entries");
    }

    /// <summary>Kills the collector with SIGKILL and starts it again.</summary>
    public async Task KillCollectorAsync() => _collector = await _collector.KillAndStartAgainAsync();

    /// <summary>Ends the load, waits for the backlog to drain, and checks what arrived.</summary>
    /// <param name="entriesStayWhole">Whether the same spans always make the same entry, so that a repeated one has the same id.</param>
    /// <param name="lost">Spans that may be lost with a master that is gone.</param>
    /// <returns>The entries.</returns>
    public async Task<List<StoredEntry>> CheckAsync(bool entriesStayWhole = true, IReadOnlySet<string>? lost = null)
    {
        await StopLoadAsync();
        var accepted = Load.AcceptedSpanIds.Where(id => lost?.Contains(id) != true).ToList();
        Assert.NotEmpty(accepted);
        List<StoredEntry> entries = [];
        Dictionary<string, RedisValue> positions = [];
        var missing = accepted.ToHashSet(StringComparer.Ordinal);
        while (missing.Count > 0)
        {
            // However long it takes: what must not be is that nothing comes any more.
            var before = entries.Count;
            await WaitUntilAsync(
                async () =>
                {
                    await StreamContents.ReadOnAsync(await _database(), entries, positions, _keys);
                    return entries.Count > before;
                },
                $"delivers the {missing.Count} accepted spans that are still missing");
            missing.ExceptWith(entries.Skip(before).SelectMany(StreamContents.Spans).Select(s => s.SpanId));
        }

        // Somebody who leaves out entries with an id that was seen before has every span once.
        var once = entries.DistinctBy(e => e.Id).SelectMany(StreamContents.Spans).ToList();
        if (entriesStayWhole)
        {
            Assert.Equal(once.Count, once.DistinctBy(s => s.SpanId).Count());
        }

        return entries;
    }

    public async ValueTask DisposeAsync()
    {
        await StopLoadAsync();
        Load.Dispose();
        await _collector.DisposeAsync();
        _stop.Dispose();
    }

    /// <summary>Waits for something that the collector does.</summary>
    public Task WaitUntilAsync(Func<Task<bool>> condition, string what) => Until.TrueAsync(
        condition, problem: () => $"{_collector.Name} runs but not so that it {what}. It printed:\n{_collector.Output}", limit: Limit);

    private async Task StopLoadAsync()
    {
        await _stop.CancelAsync();
        await _sending;
    }

    private async Task<long> LengthAsync()
    {
        long length = 0;
        foreach (var key in _keys)
        {
            try
            {
                length += await (await _database()).StreamLengthAsync(key);
            }
            catch (RedisException)
            {
                // Not there at the moment; asked again.
            }
        }

        return length;
    }

    private static string Yaml(IEnumerable<string> endpoints, string settings, string? storage) => $$"""
        exporters:
          redis_streams:
            endpoints: [{{string.Join(", ", endpoints.Select(e => $"\"{e}\""))}}]
            retry_on_failure: {initial_interval: 50ms, max_interval: 500ms, max_elapsed_time: 0s}
            sending_queue: {queue_size: 100000{{(storage is null ? "" : ", storage: file_storage")}}}
            {{settings}}
        {{(storage is null ? "" : $"extensions:\n  file_storage: {{directory: \"{storage}\", create_directory: true, fsync: always}}\n")}}
        service:
          {{(storage is null ? "" : "extensions: [file_storage]")}}
          telemetry: {metrics: {level: none} }
          pipelines:
            traces: {receivers: [otlp], exporters: [redis_streams]}
        """;
}
