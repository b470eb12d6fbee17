using System.Linq;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Resource.V1;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Processors.FinancialEnrichment;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Processors.FinancialEnrichment;

/// <summary>Sends spans through a processor with some settings.</summary>
internal sealed class EnrichmentRun : IAsyncDisposable
{
    /// <summary>How many places <see cref="SpanWith"/> knows.</summary>
    public const int TextPlaces = 6;

    public const string Salt = "0123456789abcdef0123456789abcdef";

    private readonly FinancialEnrichmentProcessor _processor;

    private EnrichmentRun(string yaml, ProcessorHarness harness, FinancialEnrichmentFactory factory)
    {
        Harness = harness;
        var config = ProcessorHarness.Config<FinancialEnrichmentConfig>(factory, Yaml(yaml));
        _processor = (FinancialEnrichmentProcessor)factory.Create(harness.Context("financial_enrichment"), config, Next);
    }

    public ProcessorHarness Harness { get; }

    public RecordingConsumer Next { get; } = new();

    /// <summary>A started processor.</summary>
    /// <param name="yaml">Its settings.</param>
    /// <param name="harness">Its surroundings, where a test needs them before.</param>
    /// <param name="factory">Its factory, where a test needs one of its own.</param>
    public static async Task<EnrichmentRun> StartAsync(
        string yaml = "", ProcessorHarness? harness = null, FinancialEnrichmentFactory? factory = null)
    {
        var run = new EnrichmentRun(yaml, harness ?? new ProcessorHarness(), factory ?? new FinancialEnrichmentFactory());
        await run._processor.StartAsync(TestContext.Current.CancellationToken);
        return run;
    }

    public static ConfigNode? Yaml(string yaml)
    {
        Assert.True(YamlDocument.TryRead(yaml, "test.yaml", out var node, out var error), error?.ToString());
        return node;
    }

    /// <summary>One span through a processor of its own.</summary>
    public static async Task<Span> EnrichAsync(Span span, string yaml = "", params (string Key, string Value)[] resource)
    {
        await using var run = await StartAsync(yaml);
        return (await run.SendAsync(Request(span, resource))).ResourceSpans[0].ScopeSpans[0].Spans[0];
    }

    /// <summary>A span with a text in one of its places: name, value, status, event, link, key.</summary>
    /// <param name="text">The text.</param>
    /// <param name="place">0 to <see cref="TextPlaces"/> - 1.</param>
    public static Span SpanWith(string text, int place)
    {
        var builder = new SpanBuilder(place == 0 ? text : "x").With("k", place == 1 ? text : "v").With(place == 5 ? text : "key", 1);
        var span = (place == 2 ? builder.Failed(text) : builder).Build();
        span.Events.Add(new Span.Types.Event { Name = place == 3 ? text : "e" });
        span.Links.Add(new Span.Types.Link { TraceState = place == 4 ? text : "" });
        return span;
    }

    public static ExportTraceServiceRequest Request(Span span, params (string Key, string Value)[] resource)
    {
        var envelope = new ResourceSpans { Resource = new Resource(), ScopeSpans = { new ScopeSpans { Spans = { span } } } };
        envelope.Resource.Attributes.Add(
            resource.Select(a => new KeyValue { Key = a.Key, Value = new AnyValue { StringValue = a.Value } }));
        return new ExportTraceServiceRequest { ResourceSpans = { envelope } };
    }

    /// <summary>What a request becomes; an empty one when nothing is left of it.</summary>
    public async Task<ExportTraceServiceRequest> SendAsync(IMessage request)
    {
        await ConsumeAsync(request);
        return Next.Batches.Count == 0 ? new ExportTraceServiceRequest() : OtlpPayloads.Traces(Next.Batches[^1]);
    }

    public async Task ConsumeAsync(IMessage request)
    {
        using var batch = OtlpPayloads.Batch(request);
        Assert.True((await _processor.ConsumeAsync(batch, TestContext.Current.CancellationToken)).IsAccepted);
    }

    public FinancialEnrichmentProcessor Processor => _processor;

    public async ValueTask DisposeAsync()
    {
        await _processor.StopAsync(CancellationToken.None);
        Next.Dispose();
    }
}

/// <summary>Reads a span of the oracle's type.</summary>
internal static class SpanReading
{
    public static AnyValue? Get(this Span span, string key) => span.Attributes.SingleOrDefault(a => a.Key == key)?.Value;

    public static string? Text(this Span span, string key) => span.Get(key)?.StringValue;
}
