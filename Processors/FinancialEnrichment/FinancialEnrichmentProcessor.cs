using Microsoft.Extensions.Logging;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Processors.FinancialEnrichment.ClearValues;
using TelemetryPipeline.Processors.FinancialEnrichment.Pseudonyms;

namespace TelemetryPipeline.Processors.FinancialEnrichment;

/// <summary>
/// Makes transfers out of spans: business keys, nodes, verdicts, checked values, and pseudonyms in the place of
/// personal data. Of metrics and logs, personal data is replaced.
/// </summary>
internal sealed partial class FinancialEnrichmentProcessor : IProcessor, IAdmission, IDisposable
{
    private readonly FinancialEnrichmentConfig _config;
    private readonly Lazy<SaltBook> _drawn;
    private readonly IConsumer _next;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Enricher _enricher;
    private readonly EnrichmentMetrics _metrics;
    private readonly PseudonymCache _cache;
    private readonly EnrichmentScratch?[] _idle = new EnrichmentScratch?[Environment.ProcessorCount];
    private SaltBook? _salts;

    public FinancialEnrichmentProcessor(ComponentContext context, FinancialEnrichmentConfig config, Lazy<SaltBook> drawn, IConsumer next)
    {
        _config = config;
        _drawn = drawn;
        _next = next;
        _time = context.Time;
        _log = context.Loggers.CreateLogger<FinancialEnrichmentProcessor>();
        _enricher = new Enricher(config, context);
        _metrics = new EnrichmentMetrics(context, _enricher.Mappings, _enricher.Rules);
        _cache = new PseudonymCache(config.Pseudonyms.Enabled ? config.Pseudonyms.CacheSize : 0);
    }

    /// <inheritdoc/>
    public bool MutatesData => true;

    /// <inheritdoc/>
    public ConsumeResult Admit(Signal signal) => (_next as IAdmission)?.Admit(signal) ?? ConsumeResult.Accepted;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation)
    {
        if (_config.Pseudonyms is { Enabled: true, Salts.Count: 0 })
        {
            LogDrawnSalt();
        }

        _salts = _config.Pseudonyms.Salts.Count == 0 ? _drawn.Value : SaltBook.Read(_config.Pseudonyms.Salts);
        _enricher.Start();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellation)
    {
        Dispose();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose() => _enricher.Dispose();

    /// <inheritdoc/>
    public ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        // Applies what earlier processors changed, so that the bytes of a node are all there is of it.
        _ = batch.ByteCount;
        var place = Thread.GetCurrentProcessorId() % _idle.Length;
        var scratch = Interlocked.Exchange(ref _idle[place], null) ?? NewScratch();
        scratch.Pseudonyms.Begin(_time.GetUtcNow());
        for (var i = 0; i < batch.ViewCount; i++)
        {
            if (batch.Signal == Signal.Traces)
            {
                _enricher.EnrichSpans(batch.View(i), batch.Metadata, scratch);
            }
            else
            {
                _enricher.Pseudonymize(batch.View(i), scratch, withItems: true);
            }
        }

        _metrics.Flush(scratch);
        Volatile.Write(ref _idle[place], scratch);
        return batch.ItemCount == 0 ? new(ConsumeResult.Accepted) : _next.ConsumeAsync(batch, cancellation);
    }

    private EnrichmentScratch NewScratch()
    {
        var salts = _salts ?? throw new InvalidOperationException("data came before the start");
        var pseudonyms = new Pseudonymizer(_config.Pseudonyms.Algorithm, salts, _cache);
        var scrubber = new TextScrubber(_config.Pseudonyms.Patterns, _config.Pseudonyms.CustomPatterns, pseudonyms);
        return new EnrichmentScratch(pseudonyms, scrubber, _enricher.Mappings.Count, _enricher.Rules.Count);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "No salt is configured: pseudonyms are made with one drawn at the start, and will not be the same after a restart.")]
    private partial void LogDrawnSalt();
}
