using System.Collections.Concurrent;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using OpenTelemetry.Proto.Metrics.V1;
using OpenTelemetry.Proto.Resource.V1;
using OpenTelemetry.Proto.Trace.V1;
using Span = OpenTelemetry.Proto.Trace.V1.Span;

namespace TelemetryPipeline.IntegrationTests;

/// <summary>Sends spans that all have ids of their own over OTLP/HTTP, and remembers which were accepted.</summary>
internal sealed class TransferLoad : IDisposable
{
    private const int SpansPerRequestDefault = 20;

    private readonly HttpClient _http;
    private readonly ConcurrentDictionary<string, bool> _accepted = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _failures = new();
    private long _nextId;

    private readonly int _spansPerRequest;
    private readonly int _bytesPerSpan;

    public TransferLoad(Uri endpoint, int spansPerRequest = SpansPerRequestDefault, int bytesPerSpan = 0)
    {
        _http = new HttpClient { BaseAddress = endpoint, Timeout = TimeSpan.FromSeconds(60) };
        _spansPerRequest = spansPerRequest;
        _bytesPerSpan = bytesPerSpan;
    }

    /// <summary>Ids, as hexadecimal digits, of the spans that were answered with success.</summary>
    public IReadOnlyCollection<string> AcceptedSpanIds => (IReadOnlyCollection<string>)_accepted.Keys;

    /// <summary>What went wrong with requests that were not accepted.</summary>
    public IReadOnlyCollection<string> Failures => _failures;

    /// <summary>Sends requests of spans one after the other from several tasks until it is cancelled.</summary>
    public async Task SendUntilAsync(CancellationToken stop)
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    await SendSpansAsync();
                }
            },
            CancellationToken.None)));
    }

    /// <summary>Sends one request of spans.</summary>
    public async Task SendSpansAsync()
    {
        var scope = new ScopeSpans();
        var ids = new List<string>();
        for (var i = 0; i < _spansPerRequest; i++)
        {
            var id = Interlocked.Increment(ref _nextId);
            var bytes = BitConverter.GetBytes(id);
            Array.Reverse(bytes);
            ids.Add(Convert.ToHexStringLower(bytes));
            var span = new Span
            {
                TraceId = ByteString.CopyFrom([.. bytes, .. bytes]),
                SpanId = ByteString.CopyFrom(bytes),
                Name = "core.v1.Ledger/Deduct",
                StartTimeUnixNano = 1,
                EndTimeUnixNano = 2,
            };
            if (_bytesPerSpan > 0)
            {
                span.Attributes.Add(new KeyValue { Key = "message", Value = new AnyValue { StringValue = new string('x', _bytesPerSpan) } });
            }

            scope.Spans.Add(span);
        }

        var request = new ExportTraceServiceRequest();
        request.ResourceSpans.Add(new ResourceSpans { Resource = Ledger(), ScopeSpans = { scope } });
        if (await PostAsync("/v1/traces", request))
        {
            foreach (var id in ids)
            {
                _accepted[id] = true;
            }
        }
    }

    /// <summary>Sends one request of data points.</summary>
    public Task<bool> SendPointsAsync(int count)
    {
        var sum = new Sum { AggregationTemporality = AggregationTemporality.Delta };
        sum.DataPoints.AddRange(Enumerable.Range(1, count).Select(i => new NumberDataPoint { AsInt = i, TimeUnixNano = 1 }));
        var scope = new ScopeMetrics { Metrics = { new Metric { Name = "transfers", Sum = sum } } };
        var request = new ExportMetricsServiceRequest();
        request.ResourceMetrics.Add(new ResourceMetrics { Resource = Ledger(), ScopeMetrics = { scope } });
        return PostAsync("/v1/metrics", request);
    }

    /// <summary>Sends one request of log records.</summary>
    public Task<bool> SendLogsAsync(int count)
    {
        var scope = new ScopeLogs();
        scope.LogRecords.AddRange(Enumerable.Range(1, count).Select(i => new LogRecord
        {
            Body = new AnyValue { StringValue = i.ToString(CultureInfo.InvariantCulture) },
            TimeUnixNano = 1,
        }));
        var request = new ExportLogsServiceRequest();
        request.ResourceLogs.Add(new ResourceLogs { Resource = Ledger(), ScopeLogs = { scope } });
        return PostAsync("/v1/logs", request);
    }

    public void Dispose() => _http.Dispose();

    private static Resource Ledger() => new()
    {
        Attributes = { new KeyValue { Key = "service.name", Value = new AnyValue { StringValue = "balance-ledger" } } },
    };

    private async Task<bool> PostAsync(string path, IMessage request)
    {
        using var content = new ByteArrayContent(request.ToByteArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        try
        {
            using var response = await _http.PostAsync(new Uri(path, UriKind.Relative), content);
            if (response.StatusCode == HttpStatusCode.OK)
            {
                return true;
            }

            _failures.Enqueue($"{(int)response.StatusCode}");
        }
        catch (HttpRequestException error)
        {
            _failures.Enqueue($"{error.Message} {error.InnerException?.Message}");
        }

        return false;
    }
}
