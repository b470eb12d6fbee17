using System.Linq;
using System.Text.Json;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Metrics.V1;
using OpenTelemetry.Proto.Resource.V1;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.Heatmap;
using TelemetryPipeline.Heatmap.Query;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Tests.Processors;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Heatmap;

/// <summary>A connector at a fixed time, and what it hands on.</summary>
internal sealed class HeatmapHarness : IConsumer
{
    /// <summary>2027-01-15T08:00:00Z, in seconds.</summary>
    public const long Now = 1_800_000_000;

    private readonly ProcessorHarness _surroundings = new(Signal.Traces);
    private HeatmapStream? _stream;

    public HeatmapHarness(string yaml = "{query: {endpoint: 'localhost:0'}}")
    {
        _surroundings.Time.SetUtcNow(DateTimeOffset.FromUnixTimeSeconds(Now));
        var outlet = new Outlet();
        outlet.ConnectAsync(this);
        Connector = (LatencyHeatmapConnector)new LatencyHeatmapFactory().Create(
            _surroundings.Context("latency_heatmap"), Config(yaml), [new Outlet(), outlet, new Outlet()]);
    }

    public LatencyHeatmapConnector Connector { get; }

    /// <summary>What the next pipeline answers.</summary>
    public ConsumeResult Answer { get; set; } = ConsumeResult.Accepted;

    /// <summary>What the next pipeline throws; null for nothing.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Holds what comes until it is completed, as a full queue that blocks does.</summary>
    public TaskCompletionSource? Held { get; init; }

    /// <summary>Asks the query API.</summary>
    public (PageAnswer Answer, JsonElement Json) Ask(string path, string query = "", string accept = "", string ifNoneMatch = "")
    {
        var api = new HeatmapApi(Connector.Grid, Config("{}").Dimensions, Stream, 1);
        var answer = new PageAnswer();
        api.Answer(new PageRequest(path, PageQuery.Parse(query)) { Accept = accept, IfNoneMatch = ifNoneMatch }, answer);
        var isJson = answer.ContentType == "application/json" && answer.Body.WrittenCount > 0;
        return (answer, isJson ? JsonDocument.Parse(answer.Body.WrittenMemory).RootElement : default);
    }

    /// <summary>A live stream beside the connector's own.</summary>
    public HeatmapStream Stream => _stream ??= new HeatmapStream(Connector.Grid, 2, DroppedClients);

    public Counter DroppedClients { get; } = new();

    /// <summary>Frames that were taken.</summary>
    public List<ExportMetricsServiceRequest> Frames { get; } = [];

    public IEnumerable<HistogramDataPoint> Points => Frames.SelectMany(f => f.ResourceMetrics)
        .SelectMany(r => r.ScopeMetrics).SelectMany(s => s.Metrics).SelectMany(m => m.Histogram.DataPoints);

    public static LatencyHeatmapConfig Config(string yaml)
    {
        var (config, errors) = Read(yaml);
        Assert.Empty(errors);
        return config;
    }

    public static (LatencyHeatmapConfig Config, IReadOnlyList<string> Errors) Read(string yaml)
    {
        Assert.True(YamlReader.TryRead(yaml, "test", out var node, out var error), error?.ToString());
        var errors = new ConfigErrors();
        var section = new ConfigSection(node, default, "connectors::latency_heatmap", errors);
        var config = (LatencyHeatmapConfig)new LatencyHeatmapFactory().ReadConfig(section);
        section.Finish();
        return (config, [.. errors.Sorted().Select(e => e.Problem)]);
    }

    /// <summary>A span of the ledger that ended some seconds from now.</summary>
    public static SpanBuilder Transfer(double secondsFromNow, ulong latencyMs, ulong trace = 1)
    {
        var end = (ulong)((Now + secondsFromNow) * 1e9);
        return new SpanBuilder("book").Trace(7, trace).Id(trace).At(end - (latencyMs * 1_000_000), latencyMs * 1_000_000);
    }

    public static ExportTraceServiceRequest Request(string service, params IEnumerable<SpanBuilder> spans) => new()
    {
        ResourceSpans =
        {
            new ResourceSpans
            {
                Resource = new Resource { Attributes = { Attribute("service.name", service) } },
                ScopeSpans = { new ScopeSpans { Spans = { spans.Select(s => s.Build()) } } },
            },
        },
    };

    public static OpenTelemetry.Proto.Common.V1.KeyValue Attribute(string key, string value) =>
        new() { Key = key, Value = new() { StringValue = value } };

    public double BackgroundFailures(string loop) => _surroundings.Metric("otelcol_background_failures", $"loop=\"{loop}\"");

    public double Metric(string name, string labels = "") =>
        _surroundings.Metric("otelcol_connector_latency_heatmap_" + name, labels);

    public async Task SendAsync(Google.Protobuf.IMessage request)
    {
        using var batch = OtlpPayloads.Batch(request);
        Assert.True((await Connector.ConsumeAsync(batch, CancellationToken.None)).IsAccepted);
    }

    /// <summary>Lets seconds pass: what a started connector does then it does by itself.</summary>
    public void Advance(int seconds) => _surroundings.Time.Advance(TimeSpan.FromSeconds(seconds));

    /// <summary>Lets seconds pass, with a tick after them; for a connector that was not started.</summary>
    public Task PassAsync(int seconds)
    {
        _surroundings.Time.Advance(TimeSpan.FromSeconds(seconds));
        return Connector.TickAsync();
    }

    public async ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        await (Held?.Task ?? Task.CompletedTask);
        if (Failure is not null)
        {
            throw Failure;
        }

        if (Answer.IsAccepted)
        {
            Frames.Add(OtlpPayloads.Metrics(batch));
        }

        return Answer;
    }
}
