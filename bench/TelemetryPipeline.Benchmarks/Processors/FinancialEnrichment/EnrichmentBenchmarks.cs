using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Processors.FinancialEnrichment;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Benchmarks.Processors.FinancialEnrichment;

/// <summary>
/// What enrichment costs a span, by step. Every round has a new chunk, so index, slots and the writing of changes are
/// part of it; <see cref="Nothing"/> is a round without a step.
/// </summary>
[MemoryDiagnoser]
public class EnrichmentBenchmarks
{
    private const int Spans = 100;

    private const string Off =
        "default_mappings: false, topology: {enabled: false}, pseudonymize: {enabled: false}, validate: {enabled: false}, status: {enabled: false}";

    private readonly byte[] _bytes = UnmappedTransfers.Bytes(Spans);
    private FinancialEnrichmentProcessor _nothing = null!;
    private FinancialEnrichmentProcessor _mappings = null!;
    private FinancialEnrichmentProcessor _validation = null!;
    private FinancialEnrichmentProcessor _pseudonyms = null!;
    private FinancialEnrichmentProcessor _everything = null!;

    [GlobalSetup]
    public async Task SetupAsync()
    {
        _nothing = await StartAsync($"{{{Off}}}");
        _mappings = await StartAsync($"{{{Off}}}".Replace("default_mappings: false", "default_mappings: true", StringComparison.Ordinal));
        _validation = await StartAsync($"{{{Off}}}".Replace("validate: {enabled: false}", "validate: {enabled: true}", StringComparison.Ordinal));
        _pseudonyms = await StartAsync($"{{{Off}}}".Replace("pseudonymize: {enabled: false}", "pseudonymize: {enabled: true}", StringComparison.Ordinal));
        _everything = await StartAsync("{}");
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Spans)]
    public bool Nothing() => Run(_nothing);

    [Benchmark(OperationsPerInvoke = Spans)]
    public bool Mappings() => Run(_mappings);

    [Benchmark(OperationsPerInvoke = Spans)]
    public bool Validation() => Run(_validation);

    [Benchmark(OperationsPerInvoke = Spans)]
    public bool Pseudonyms() => Run(_pseudonyms);

    [Benchmark(OperationsPerInvoke = Spans)]
    public bool Everything() => Run(_everything);

    internal static async Task<FinancialEnrichmentProcessor> StartAsync(string yaml)
    {
        var factory = new FinancialEnrichmentFactory();
        YamlDocument.TryRead(yaml, "bench", out var node, out _);
        var errors = new ConfigErrors();
        var config = factory.ReadConfig(new ConfigSection(node, default, "bench", errors));
        var context = new ComponentContext
        {
            Id = new ComponentId(factory.Type, ""),
            Signals = [Signal.Traces],
            Loggers = NullLoggerFactory.Instance,
            Metrics = new MetricRegistry(),
            Extensions = new NoExtensions(),
            ReportStatus = static (_, _) => { },
        };
        var processor = (FinancialEnrichmentProcessor)factory.Create(context, config, new Accepting());
        await processor.StartAsync(CancellationToken.None);
        return errors.IsEmpty ? processor : throw new InvalidOperationException(string.Join('\n', errors.Sorted()));
    }

    internal static bool Run(FinancialEnrichmentProcessor processor, byte[] bytes, int spans)
    {
        using var batch = new OtlpBatch(OtlpChunk.FromArray(Signal.Traces, bytes, spans));
        return processor.ConsumeAsync(batch, CancellationToken.None).AsTask().GetAwaiter().GetResult().IsAccepted;
    }

    private bool Run(FinancialEnrichmentProcessor processor) => Run(processor, _bytes, Spans);

    /// <summary>Asks for the bytes, as an exporter does.</summary>
    private sealed class Accepting : IConsumer
    {
        public ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation) =>
            new(batch.ByteCount > 0 ? ConsumeResult.Accepted : default);
    }

    private sealed class NoExtensions : IExtensionHost
    {
        public T? Find<T>(ComponentId id)
            where T : class => null;
    }
}
