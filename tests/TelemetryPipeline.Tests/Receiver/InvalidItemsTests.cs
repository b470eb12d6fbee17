using System.Linq;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Logs.V1;
using OpenTelemetry.Proto.Metrics.V1;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Receiver;

/// <summary>
/// Scenario: a request of each signal, in each encoding and over each transport, of which one item cannot be represented.
/// Guarantees: the others arrive, and the answer and the counters say which did not and why.
/// </summary>
public sealed class InvalidItemsTests
{
    private const string Protobuf = "application/x-protobuf";
    private const string Json = "application/json";

    public static TheoryData<Signal, string> Requests
    {
        get
        {
            var data = new TheoryData<Signal, string>();
            foreach (var signal in SignalNames.All)
            {
                data.Add(signal, "http/json");
                data.Add(signal, "http/protobuf");
                data.Add(signal, "grpc");
            }

            return data;
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Export_OneInvalidItem_RefusesItAlone(Signal signal, string protocol)
    {
        await using var running = await RunningReceiver.StartAsync();
        var outcome = await ExportAsync(running, signal, protocol, Damaged(signal, "first", "last"));

        Assert.Equal(1, outcome.RejectedItems);
        Assert.StartsWith("1 item cannot be represented: ", outcome.Message, StringComparison.Ordinal);
        var batch = Assert.Single(running.Sink.Batches);
        Assert.Equal((signal, 2), (batch.Signal, batch.Items));
        Assert.Equal(["first", "last"], Names(signal, batch.Bytes));
        var transport = protocol[..4];
        Assert.Equal(2, Count(running, $"accepted_{signal.ItemName()}", transport));
        Assert.Equal(1, Count(running, $"refused_{signal.ItemName()}", transport));
        Assert.Equal(1, Count(running, "requests", transport, ",outcome=\"success\""));
        var reason = $",signal=\"{signal.PipelineName()}\",reason=\"invalid_id\"";
        Assert.Equal(1, Count(running, "invalid_items", transport, reason));
        Assert.Equal(1, Count(running, "refusals", transport, reason));
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Export_NothingButAnInvalidItem_AnswersPartialSuccessWithoutABatch(Signal signal, string protocol)
    {
        await using var running = await RunningReceiver.StartAsync();
        var outcome = await ExportAsync(running, signal, protocol, Damaged(signal));
        Assert.Equal(1, outcome.RejectedItems);
        Assert.Empty(running.Sink.Batches);
        Assert.Equal(1, Count(running, "requests", protocol[..4], ",outcome=\"refused\""));
        Assert.Equal(1, Count(running, $"refused_{signal.ItemName()}", protocol[..4]));
    }

    [Fact]
    public async Task Export_InvalidItemAndRejectingPipeline_AddsThemUp()
    {
        await using var running = await RunningReceiver.StartAsync();
        running.Sink.AnswerWith(ConsumeResult.Rejected("too_old", "1 span is too old", 1));
        var outcome = await ExportAsync(running, Signal.Traces, "http/json", Damaged(Signal.Traces, "first", "last"));
        Assert.Equal(2, outcome.RejectedItems);
        Assert.StartsWith("1 span is too old; 1 item cannot be represented: ", outcome.Message, StringComparison.Ordinal);
        Assert.Equal(1, Count(running, "accepted_spans", "http"));
        Assert.Equal(2, Count(running, "refused_spans", "http"));
    }

    [Fact]
    public async Task Export_InvalidItemAndFullQueue_IsRetriedAsAWhole()
    {
        await using var running = await RunningReceiver.StartAsync();
        running.Sink.AnswerWith(ConsumeResult.Retry("queue_full", "full"));
        using var response = await PostAsync(running, Signal.Traces, Protobuf, Damaged(Signal.Traces, "first").ToByteArray());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(2, Count(running, "refused_spans", "http"));
        Assert.Equal(0, Count(running, "invalid_items", "http", ",signal=\"traces\",reason=\"invalid_id\""));
    }

    [Theory]
    [InlineData("""{"zz\ud83d":1}""", 0)]
    [InlineData("""{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"good one"}},{"body":{"stringValue":"cut \ud83d"}}]}]}]}""", 2)]
    public async Task Post_HalfOfASurrogatePair_IsASuccess(string json, int items)
    {
        await using var running = await RunningReceiver.StartAsync();
        using var response = await PostAsync(running, Signal.Logs, Json, Encoding.UTF8.GetBytes(json));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("{}", await response.Content.ReadAsStringAsync(Token));
        Assert.Equal(items, running.Sink.Batches.Sum(static batch => batch.Items));
    }

    /// <summary>A request of named items, with one behind the first whose id has 3 bytes.</summary>
    private static IMessage Damaged(Signal signal, params string[] names)
    {
        var id = ByteString.CopyFrom(1, 2, 3);
        switch (signal)
        {
            case Signal.Traces:
                var spans = names.Select(static name => new Span { Name = name }).ToList();
                spans.Insert(names.Length / 2, new Span { Name = "damaged", TraceId = id });
                return new ExportTraceServiceRequest { ResourceSpans = { new ResourceSpans { ScopeSpans = { new ScopeSpans { Spans = { spans } } } } } };
            case Signal.Metrics:
                var metrics = names.Select(static name => new Metric { Name = name, Gauge = new Gauge { DataPoints = { new NumberDataPoint { AsInt = 1 } } } }).ToList();
                metrics.Insert(names.Length / 2, new Metric { Name = "damaged", Gauge = new Gauge { DataPoints = { new NumberDataPoint { Exemplars = { new Exemplar { TraceId = id } } } } } });
                return new ExportMetricsServiceRequest { ResourceMetrics = { new ResourceMetrics { ScopeMetrics = { new ScopeMetrics { Metrics = { metrics } } } } } };
            default:
                var records = names.Select(static name => new LogRecord { EventName = name }).ToList();
                records.Insert(names.Length / 2, new LogRecord { EventName = "damaged", TraceId = id });
                return new ExportLogsServiceRequest { ResourceLogs = { new ResourceLogs { ScopeLogs = { new ScopeLogs { LogRecords = { records } } } } } };
        }
    }

    private static IEnumerable<string> Names(Signal signal, byte[] request) => signal switch
    {
        Signal.Traces => ExportTraceServiceRequest.Parser.ParseFrom(request).ResourceSpans[0].ScopeSpans[0].Spans.Select(static span => span.Name),
        Signal.Metrics => ExportMetricsServiceRequest.Parser.ParseFrom(request).ResourceMetrics[0].ScopeMetrics[0].Metrics
            .Where(static metric => metric.Gauge.DataPoints.Count > 0).Select(static metric => metric.Name),
        _ => ExportLogsServiceRequest.Parser.ParseFrom(request).ResourceLogs[0].ScopeLogs[0].LogRecords.Select(static record => record.EventName),
    };

    private static async Task<ExportOutcome> ExportAsync(RunningReceiver running, Signal signal, string protocol, IMessage request)
    {
        if (protocol == "grpc")
        {
            return await CallAsync(running, request);
        }

        var isJson = protocol == "http/json";
        var body = isJson ? Encoding.UTF8.GetBytes(OracleJson.Format(request, JsonFormatter.Default)) : request.ToByteArray();
        using var response = await PostAsync(running, signal, isJson ? Json : Protobuf, body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var answer = await response.Content.ReadAsByteArrayAsync(Token);
        ExportOutcome outcome;
        Assert.True(isJson ? OtlpResponse.TryReadJson(signal, answer, out outcome) : OtlpResponse.TryRead(answer, out outcome));
        return outcome;
    }

    private static async Task<ExportOutcome> CallAsync(RunningReceiver running, IMessage request)
    {
        switch (request)
        {
            case ExportTraceServiceRequest traces:
                var spans = (await new TraceService.TraceServiceClient(running.Channel()).ExportAsync(traces, cancellationToken: Token)).PartialSuccess;
                return new ExportOutcome(spans.RejectedSpans, spans.ErrorMessage);
            case ExportMetricsServiceRequest metrics:
                var points = (await new MetricsService.MetricsServiceClient(running.Channel()).ExportAsync(metrics, cancellationToken: Token)).PartialSuccess;
                return new ExportOutcome(points.RejectedDataPoints, points.ErrorMessage);
            default:
                var records = (await new LogsService.LogsServiceClient(running.Channel()).ExportAsync((ExportLogsServiceRequest)request, cancellationToken: Token)).PartialSuccess;
                return new ExportOutcome(records.RejectedLogRecords, records.ErrorMessage);
        }
    }

    private static async Task<HttpResponseMessage> PostAsync(RunningReceiver running, Signal signal, string contentType, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        return await running.Http().PostAsync(new Uri($"/v1/{signal.PipelineName()}", UriKind.Relative), content, Token);
    }

    private static long Count(RunningReceiver running, string metric, string transport, string labels = "") =>
        running.Count($"otelcol_receiver_{metric}", $"receiver=\"otlp\",transport=\"{transport}\"{labels}");
}
