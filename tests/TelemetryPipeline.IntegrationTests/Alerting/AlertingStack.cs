using System.Globalization;
using System.Linq;
using System.Text.Json;
using Google.Protobuf;
using TelemetryPipeline.TestSupport.Otlp;
using TelemetryPipeline.TestSupport.Processes;

namespace TelemetryPipeline.IntegrationTests.Alerting;

/// <summary>A real Alertmanager that calls a receiver of ours, in a folder of its own.</summary>
internal sealed class AlertingStack : IAsyncDisposable
{
    private const string TraceId = "{{trace_id}}";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("telemetry-pipeline-alerting-");
    private readonly HttpClient _client = new();
    private ChildProcess? _alertmanager;

    public AlertingStack()
    {
        var ports = FreePorts.Take(3);
        (AlertmanagerPort, MetricsPort, PrometheusPort) = (ports[0], ports[1], ports[2]);
        OnCall = new CallReceiver(FreePorts.Take(1)[0]);
    }

    public int AlertmanagerPort { get; }

    public int MetricsPort { get; }

    public int PrometheusPort { get; }

    public string Folder => _folder.FullName;

    public CallReceiver OnCall { get; }

    public async Task StartAlertmanagerAsync() => _alertmanager = await MonitoringServers.StartAlertmanagerAsync(
        AlertmanagerPort, Folder,
        $$"""
        route: {receiver: on-call, group_by: [alertname], group_wait: 1s, group_interval: 1s, repeat_interval: 1h}
        receivers:
          - name: on-call
            webhook_configs: [{url: "{{OnCall.Address}}", send_resolved: true}]
        """);

    public async Task StopAlertmanagerAsync()
    {
        await _alertmanager!.DisposeAsync();
        _alertmanager = null;
    }

    /// <summary>A collector whose logs, attribution events, become alerts; its metrics are on <see cref="MetricsPort"/>.</summary>
    public string CollectorConfig(string more = "", string service = "") => string.Create(CultureInfo.InvariantCulture, $$"""
        exporters:
          alerts:
            group_wait: 2s
            group_interval: 2s
            retry_on_failure: {initial_interval: 200ms, max_interval: 500ms}
            alertmanager:
              - name: am
                url: http://127.0.0.1:{{AlertmanagerPort}}
                labels: {cluster: north}
                generator_url: "https://traces.bank.example/{{TraceId}}"
            {{more}}
        service:
          {{service}}
          telemetry:
            metrics:
              readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: {{MetricsPort}}} } } }]
          pipelines:
            logs: {receivers: [otlp], exporters: [alerts]}
        """);

    /// <summary>Sends events as a connector would.</summary>
    public Task SendAsync(CollectorProcess collector, params IEnumerable<AttributionRecord> records) =>
        SendAsync(collector, "v1/logs", AttributionRecord.Request(records));

    public async Task SendAsync(CollectorProcess collector, string path, IMessage request)
    {
        using var content = new ByteArrayContent(request.ToByteArray());
        content.Headers.ContentType = new("application/x-protobuf");
        using var answer = await _client.PostAsync(new Uri(collector.HttpEndpoint, path), content, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();

        // An empty answer is a full success.
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>The alerts that Alertmanager shows, from its API.</summary>
    public async Task<JsonElement[]> AlertsAsync() =>
        await GetAsync($"http://127.0.0.1:{AlertmanagerPort}/api/v2/alerts") is { } json ? [.. json.EnumerateArray()] : [];

    /// <summary>The names of the alerts that fire in Prometheus.</summary>
    public async Task<string[]> PrometheusAlertsAsync() =>
        await GetAsync($"http://127.0.0.1:{PrometheusPort}/api/v1/alerts") is { } json
            ? [.. json.GetProperty("data").GetProperty("alerts").EnumerateArray()
                .Where(static a => a.GetProperty("state").GetString() == "firing")
                .Select(static a => a.GetProperty("labels").GetProperty("alertname").GetString()!)]
            : [];

    /// <summary>The collector's page of metrics.</summary>
    public Task<string> MetricsAsync() =>
        _client.GetStringAsync(new Uri($"http://127.0.0.1:{MetricsPort}/metrics"), TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_alertmanager is not null)
        {
            await _alertmanager.DisposeAsync();
        }

        await OnCall.DisposeAsync();
        _client.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task<JsonElement?> GetAsync(string address)
    {
        try
        {
            using var document = JsonDocument.Parse(await _client.GetStringAsync(new Uri(address), TestContext.Current.CancellationToken));
            return document.RootElement.Clone();
        }
        catch (HttpRequestException)
        {
            return null; // not yet
        }
    }
}
