using Microsoft.Extensions.Logging;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Processors.FinancialEnrichment.SensitiveValues;
using TelemetryPipeline.Processors.FinancialEnrichment.Lookups;
using TelemetryPipeline.Processors.FinancialEnrichment.Pseudonyms;

namespace TelemetryPipeline.Processors.FinancialEnrichment;

/// <summary>
/// Makes transfers out of spans: business keys, nodes, verdicts, checked values, and pseudonyms in the place of
/// personal data. Of metrics and logs, personal data is replaced.
/// </summary>
internal sealed partial class FinancialEnrichmentProcessor : IProcessor, IAsyncDisposable
{
    // Their memory is held while they wait; more go on without their values.
    private const int HeldBatchesMax = 64;

    private readonly FinancialEnrichmentConfig _config;
    private readonly Lazy<SaltBook> _drawn;
    private readonly IConsumer _next;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Enricher _enricher;
    private readonly EnrichmentMetrics _metrics;
    private readonly SaltStore _salts;
    private readonly EnrichmentScratch?[] _idle = new EnrichmentScratch?[Environment.ProcessorCount];
    private int _heldBatches;

    public FinancialEnrichmentProcessor(
        ComponentContext context,
        FinancialEnrichmentConfig config,
        Lazy<SaltBook> drawn,
        Func<RedisLookupConfig, ComponentContext, ILookupSource> redis,
        IConsumer next)
    {
        _config = config;
        _drawn = drawn;
        _next = next;
        _time = context.Time;
        _log = context.Loggers.CreateLogger<FinancialEnrichmentProcessor>();
        _enricher = new Enricher(config, context, redis);
        _metrics = new EnrichmentMetrics(context, _enricher);
        _salts = new SaltStore(
            config.Pseudonyms.Salts,
            config.Pseudonyms.Enabled ? config.Pseudonyms.CacheSize : 0,
            context,
            "otelcol_processor_financial_enrichment_file_reloads");
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation)
    {
        if (_config.Pseudonyms.Salts.Count > 0)
        {
            _salts.Start();
        }
        else
        {
            _salts.Start(_drawn.Value);
            if (_config.Pseudonyms.Enabled)
            {
                LogGeneratedSalt();
            }
        }

        _enricher.Start();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellation) => DisposeAsync().AsTask();

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _salts.Dispose();
        return _enricher.DisposeAsync();
    }

    /// <inheritdoc/>
    public ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        // Applies what earlier processors changed, so that the bytes of a node are all there is of it.
        _ = batch.ByteCount;
        return _enricher.HoldTime > TimeSpan.Zero && batch.Signal == Signal.Traces
            ? HoldAsync(batch, cancellation)
            : Forward(batch, mapped: false, cancellation);
    }

    /// <summary>Waits until every value is known, or the time for that is over.</summary>
    private async ValueTask<ConsumeResult> HoldAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        if (IsWaiting(batch, out _))
        {
            try
            {
                if (Interlocked.Increment(ref _heldBatches) <= HeldBatchesMax)
                {
                    await WaitAsync(batch, cancellation).ConfigureAwait(false);
                }
                else
                {
                    _metrics.HoldLimits.Add(1);
                }
            }
            finally
            {
                Interlocked.Decrement(ref _heldBatches);
            }
        }

        return await Forward(batch, mapped: true, cancellation).ConfigureAwait(false);
    }

    private async Task WaitAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(_enricher.HoldTime, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            while (IsWaiting(batch, out var next))
            {
                await next.WaitAsync(either.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // Time is up: the spans go on without what is not known.
        }
    }

    private bool IsWaiting(OtlpBatch batch, out Task next)
    {
        // Before the look, or answers that come in between would be missed.
        next = _enricher.NextRound();
        var scratch = Rent(out var place);
        var waiting = false;
        for (var i = 0; i < batch.ViewCount; i++)
        {
            waiting |= _enricher.IsWaiting(batch.View(i), batch.Metadata, scratch);
        }

        Volatile.Write(ref _idle[place], scratch);
        return waiting;
    }

    private ValueTask<ConsumeResult> Forward(OtlpBatch batch, bool mapped, CancellationToken cancellation)
    {
        var scratch = Rent(out var place);
        for (var i = 0; i < batch.ViewCount; i++)
        {
            if (batch.Signal == Signal.Traces)
            {
                _enricher.EnrichSpans(batch.View(i), batch.Metadata, scratch, mapped);
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

    private EnrichmentScratch Rent(out int place)
    {
        place = Thread.GetCurrentProcessorId() % _idle.Length;
        var scratch = Interlocked.Exchange(ref _idle[place], null);

        // Salts that were read again make other pseudonyms.
        if (scratch is null || scratch.Salts != _salts.Current)
        {
            scratch = NewScratch(_salts.Current);
        }

        scratch.Pseudonyms.Begin(_time.GetUtcNow());
        return scratch;
    }

    private EnrichmentScratch NewScratch(SaltsInUse salts)
    {
        var pseudonyms = new Pseudonymizer(_config.Pseudonyms.Algorithm, salts.Book, salts.Cache);
        var scrubber = new TextScrubber(_config.Pseudonyms.Patterns, _config.Pseudonyms.CustomPatterns, pseudonyms, _enricher.Protected);
        return new EnrichmentScratch(
            salts, pseudonyms, scrubber, _enricher.NewPlans(), _enricher.Mappings.Count, _enricher.Rules.Count, _enricher.LookupNames.Count);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "No salt configured; using a generated salt, pseudonyms change with every restart")]
    private partial void LogGeneratedSalt();
}
