using System.Linq;
using Microsoft.Extensions.Time.Testing;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Resource.V1;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.Attribution;
using TelemetryPipeline.Attribution.Evaluation;
using TelemetryPipeline.Attribution.Rules;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Attribution;

/// <summary>An attributor with rules and a clock of the test's, and the events that came of it, as the oracle reads them.</summary>
internal sealed class AttributionHarness
{
    /// <summary>2027-01-15T08:00:00Z, in seconds.</summary>
    public const long Now = 1_800_000_000;

    /// <summary>The rule of most tests.</summary>
    public const string InsufficientBalance = """
        - id: insufficient_balance
          when: {span.status: FAILED, span.code: ERR_INSUFFICIENT_BALANCE}
          then: {category: funding, root_cause: account_balance_insufficient, priority: P0, notify: [fund-ops, risk-team]}
        """;

    public AttributionHarness(string rules = InsufficientBalance, AttributionSettings? settings = null)
    {
        Time.SetUtcNow(DateTimeOffset.FromUnixTimeSeconds(Now));
        var counts = new EvaluationMetrics(Metrics, "anomaly_attribution");
        Attributor = new Attributor(settings ?? new AttributionSettings { Shards = 8 }, Time, counts);
        AttributorGauges.Observe(counts, Attributor);
        Use(rules);
    }

    public FakeTimeProvider Time { get; } = new();

    public MetricRegistry Metrics { get; } = new();

    public Attributor Attributor { get; }

    /// <summary>Every record that came out, in order.</summary>
    public List<EventRecord> Events { get; } = [];

    /// <summary>The newest revision of each event.</summary>
    public IEnumerable<EventRecord> Newest => Events.GroupBy(e => e.Text("anomaly.event_id")).Select(g => g.MaxBy(e => e.Int("anomaly.revision"))!);

    public ulong NowNs => (ulong)(Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    public static RuleSet Rules(string yaml)
    {
        var result = RuleFiles.LoadTexts([("test.yaml", yaml)], new AttributeSlots());
        Assert.Empty(result.Errors);
        return result.Rules!;
    }

    /// <summary>A request in which each span has a resource of its service.</summary>
    public static ExportTraceServiceRequest Request(params IEnumerable<(string Service, Span Span)> spans)
    {
        var request = new ExportTraceServiceRequest();
        foreach (var (service, span) in spans)
        {
            request.ResourceSpans.Add(new ResourceSpans
            {
                Resource = new Resource
                {
                    Attributes = { Attribute("service.name", service), Attribute("service.namespace", "payments"), Attribute("tenant.id", "bank-a") },
                },
                ScopeSpans = { new ScopeSpans { Spans = { span } } },
            });
        }

        return request;
    }

    public static KeyValue Attribute(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };

    public void Use(string rules) => Collect(Attributor.Use(Rules(rules)));

    /// <summary>A span that ends now, of trace (7, trace).</summary>
    public SpanBuilder Span(string name, ulong trace, ulong id, ulong parent = 0, ulong durationMs = 10) =>
        new SpanBuilder(name).Trace(7, trace).Id(id).Parent(parent).At(NowNs - (durationMs * 1_000_000), durationMs * 1_000_000);

    public SpanBuilder Refused(ulong trace, ulong id, ulong parent = 0) => Span("book", trace, id, parent)
        .Failed().With("node_type", "core").With("status", "reject").With("code", "ERR_INSUFFICIENT_BALANCE");

    public void Send(params IEnumerable<(string Service, SpanBuilder Span)> spans) => Send(Request(spans.Select(s => (s.Service, s.Span.Build()))));

    public void Send(ExportTraceServiceRequest request)
    {
        using var batch = OtlpPayloads.Batch(request);
        Collect(Attributor.Take(batch));
    }

    /// <summary>Lets time pass in steps of 100 ms.</summary>
    public void Pass(TimeSpan time)
    {
        var step = TimeSpan.FromMilliseconds(100);
        for (var passed = TimeSpan.Zero; passed < time; passed += step)
        {
            Time.Advance(step);
            Collect(Attributor.Tick());
        }
    }

    public void Flush() => Collect(Attributor.Flush());

    /// <summary>The sum of a metric over series whose labels contain a text.</summary>
    public double Metric(string name, string labels = "")
    {
        var sum = 0.0;
        foreach (var family in Metrics.Families.Where(f => f.Name == "otelcol_connector_anomaly_attribution_" + name))
        {
            foreach (var (series, value) in family.Series.Where(s => s.Key.Contains(labels, StringComparison.Ordinal)))
            {
                sum += value switch { Counter c => c.Value, Gauge g => g.Read(), _ => 0 };
            }
        }

        return sum;
    }

    private void Collect(OtlpChunk? events)
    {
        if (events is not null)
        {
            using var batch = new OtlpBatch(events);
            Assert.True(OtlpRequest.TryValidate(Signal.Logs, events.Bytes.ToArray(), out var count, out _));
            Assert.Equal(events.ItemCount, count);
            Events.AddRange(EventRecord.Of(OtlpPayloads.Logs(batch)));
        }
    }
}
