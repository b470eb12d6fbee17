using System.Linq;
using TelemetryPipeline.TestSupport.Processes;
using TelemetryPipeline.TestSupport;

namespace TelemetryPipeline.IntegrationTests.Elasticsearch;

/// <summary>
/// A collector that exports to a search server and is sent spans without pause while something is broken. At the end
/// every span that it accepted must be there, without anybody's help, and none twice.
/// </summary>
internal sealed class FaultRun : IAsyncDisposable
{
    private const int AcceptedForProgress = 400;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(180);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    // Some hundred spans a second: a backlog that a server on the same machine can still work off.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(40);

    private readonly CancellationTokenSource _stop = new();
    private readonly SearchClient _server;
    private readonly string _index;
    private CollectorProcess _collector;
    private readonly Task _sending;

    private FaultRun(CollectorProcess collector, SearchClient server, string index)
    {
        _collector = collector;
        _server = server;
        _index = index;
        Load = new TransferLoad(collector.HttpEndpoint);
        _sending = SendAsync();
    }

    /// <summary>The spans that are sent.</summary>
    public TransferLoad Load { get; }

    /// <summary>What the collector has printed.</summary>
    public string Output => _collector.Output;

    /// <summary>Starts a collector and the load on it.</summary>
    /// <param name="server">Where the test finds the server.</param>
    /// <param name="address">Where the collector finds it.</param>
    /// <param name="index">The index of the spans.</param>
    /// <param name="settings">More lines of the exporter's settings.</param>
    /// <param name="queue">More settings of the queue.</param>
    /// <param name="storage">Folder of the durable queue; null keeps the queue in memory.</param>
    public static async Task<FaultRun> StartAsync(
        SearchClient server, Uri address, string index, string settings = "", string queue = "num_consumers: 4", string? storage = null) =>
        new(await CollectorProcess.StartAsync(Yaml(address, index, settings, queue, storage)), server, index);

    /// <summary>Waits until the collector has accepted some more spans.</summary>
    public async Task AcceptMoreAsync()
    {
        var before = Load.AcceptedSpanIds.Count;
        await WaitUntilAsync(() => Task.FromResult(Load.AcceptedSpanIds.Count >= before + AcceptedForProgress), "accepts more spans");
    }

    /// <summary>Waits until some more documents are there.</summary>
    public async Task WriteMoreAsync()
    {
        var before = await CountAsync();
        await WaitUntilAsync(async () => await CountAsync() > before, "writes more documents");
    }

    /// <summary>Kills the collector with SIGKILL and starts it again.</summary>
    public async Task KillCollectorAsync() => _collector = await _collector.KillAndStartAgainAsync();

    /// <summary>Ends the load, waits for the backlog to drain, and checks what arrived.</summary>
    public async Task CheckAsync()
    {
        await StopLoadAsync();
        var accepted = Load.AcceptedSpanIds;
        Assert.NotEmpty(accepted);
        await WaitUntilAsync(async () => await CountAsync() >= accepted.Count, "has delivered all that it accepted");
        List<string> stored = [];
        await WaitUntilAsync(
            async () =>
            {
                stored = await _server.ValuesAsync(_index, "span_id");
                var there = stored.ToHashSet(StringComparer.Ordinal);
                return accepted.All(there.Contains);
            },
            "has delivered all that it accepted");

        // What was sent more than once was recognised by its id.
        Assert.Equal(stored.Count, stored.Distinct(StringComparer.Ordinal).Count());
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{accepted.Count} spans accepted, {stored.Count} documents stored, {Load.Failures.Count} requests refused");
    }

    /// <summary>Waits for something that the collector does.</summary>
    public Task WaitUntilAsync(Func<Task<bool>> condition, string what) => Until.TrueAsync(
        condition,
        problem: () => $"{_collector.Name} runs but not so that it {what} ({Load.AcceptedSpanIds.Count} accepted). It printed:\n{_collector.Output}",
        limit: Limit);

    public async ValueTask DisposeAsync()
    {
        await StopLoadAsync();
        Load.Dispose();
        await _collector.DisposeAsync();
        _stop.Dispose();
    }

    private async Task SendAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            await Load.SendSpansAsync();
            await Task.Delay(Pause, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task StopLoadAsync()
    {
        await _stop.CancelAsync();
        await _sending;
    }

    private async Task<long> CountAsync()
    {
        try
        {
            return await _server.CountAsync(_index);
        }
        catch (HttpRequestException)
        {
            return 0; // Not there at the moment; asked again.
        }
        catch (TaskCanceledException)
        {
            return 0;
        }
    }

    private static string Yaml(Uri address, string index, string settings, string queue, string? storage) => $$"""
        exporters:
          elasticsearch:
            endpoint: {{address}}
            traces_index: {{index}}
            retry: {initial_interval: 50ms, max_interval: 500ms}
            templates: {enabled: true, number_of_replicas: 0}
            sending_queue:
              {{queue}}
              batch: {flush_timeout: 50ms, min_size: 20000, max_size: 200000}
              {{(storage is null ? "" : "storage: file_storage")}}
            {{settings}}
        {{(storage is null ? "" : $"extensions:\n  file_storage: {{directory: \"{storage}\", create_directory: true, fsync: always}}\n")}}
        service:
          {{(storage is null ? "" : "extensions: [file_storage]")}}
          telemetry: {metrics: {level: none} }
          pipelines:
            traces: {receivers: [otlp], exporters: [elasticsearch]}
        """;
}
