using Microsoft.Extensions.Logging;
using TelemetryPipeline.Attribution.Rules;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Transfers.AttributionEvents;

namespace TelemetryPipeline.Attribution.Marking;

/// <summary>Marks spans that a rule hits with its id and root cause, so that whoever stores them can look for them.</summary>
internal sealed partial class AttributionMarkProcessor : IProcessor
{
    private const string Prefix = "otelcol_processor_anomaly_attribution_";

    private readonly AttributionMarkConfig _config;
    private readonly IConsumer _next;
    private readonly BackgroundWork _background;
    private readonly ILogger _logger;
    private readonly RuleSource _source;
    private readonly Counter _marked;
    private readonly Counter _reloads;
    private readonly Counter _failedReloads;
    private readonly Action<ComponentStatus, string> _reportStatus;
    private readonly Scratch?[] _idle = new Scratch?[Environment.ProcessorCount];
    private readonly Lock _reloading = new();
    private volatile MarkedRules? _rules;
    private ITimer? _timer;

    public AttributionMarkProcessor(ComponentContext context, AttributionMarkConfig config, IConsumer next)
    {
        _config = config;
        _next = next;
        _background = context.Background;
        _logger = context.Loggers.CreateLogger<AttributionMarkProcessor>();
        _reportStatus = context.ReportStatus;
        _source = new RuleSource(config.RulesFiles, context.Slots, context.Time);
        var processor = context.Id.ToString();
        const string ReloadsHelp = "Changed rule files that were read, by outcome.";
        _marked = context.Metrics.Counter(Prefix + "marked_spans", "Spans that were marked with a rule.", ("processor", processor));
        _reloads = context.Metrics.Counter(Prefix + "rule_reloads", ReloadsHelp, ("processor", processor), ("outcome", "success"));
        _failedReloads = context.Metrics.Counter(Prefix + "rule_reloads", ReloadsHelp, ("processor", processor), ("outcome", "failure"));
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation)
    {
        _rules = new MarkedRules(_source.Load(), _config.MarksShadow);
        if (_source.HasFiles && _config.ReloadInterval > TimeSpan.Zero)
        {
            _timer = _background.CreateTimer("rule_reload", Reload, _config.ReloadInterval, _config.ReloadInterval);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref _timer, null) is { } timer)
        {
            await timer.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        var rules = _rules ?? throw new InvalidOperationException("data came before the start");
        ref var place = ref _idle[Thread.GetCurrentProcessorId() % _idle.Length];
        var scratch = Interlocked.Exchange(ref place, null);
        if (scratch is null || scratch.Rules != rules)
        {
            scratch = new Scratch(rules);
        }

        for (var i = 0; i < batch.ViewCount; i++)
        {
            Mark(batch.View(i), rules, scratch);
        }

        scratch.Matcher.Reset();
        Volatile.Write(ref place, scratch);
        return _next.ConsumeAsync(batch, cancellation);
    }

    /// <summary>Looks whether the rule files have changed.</summary>
    internal void Reload()
    {
        if (!_reloading.TryEnter())
        {
            return;
        }

        try
        {
            if (!_source.TryReload(out var changed))
            {
                return;
            }

            if (changed is null)
            {
                _failedReloads.Add(1);
                _reportStatus(ComponentStatus.RecoverableError, "the changed rules are not in force: " + _source.Status.Problem);
                LogReloadFailed(_source.Status.Problem);
                return;
            }

            _rules = new MarkedRules(changed, _config.MarksShadow);
            _reloads.Add(1);
            _reportStatus(ComponentStatus.OK, "");
            LogReloaded(changed.Rules.Count, changed.Hash);
        }
        finally
        {
            _reloading.Exit();
        }
    }

    private void Mark(OtlpView view, MarkedRules rules, Scratch scratch)
    {
        var marked = 0;
        var hits = new PredicateHits(scratch.Hits);
        foreach (ref readonly var span in view.Spans)
        {
            if (!view.IsDropped(span.Node) && scratch.Matcher.Match(view, span, hits) && rules.RuleFor(hits) is var rule and >= 0)
            {
                view.SetText(span.Node, AttributionKeys.RuleId, rules.IdOf(rule));
                view.SetText(span.Node, AttributionKeys.RootCause, rules.RootCauseOf(rule));
                marked++;
            }
        }

        if (marked > 0)
        {
            _marked.Add(marked);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Rules reloaded: {Rules} rules (hash {Hash})")]
    private partial void LogReloaded(int rules, string hash);

    [LoggerMessage(Level = LogLevel.Error, Message = "Rule reload failed; keeping the previous rules: {Problem}")]
    private partial void LogReloadFailed(string problem);

    private sealed class Scratch(MarkedRules rules)
    {
        public MarkedRules Rules => rules;

        public RuleMatcher Matcher { get; } = rules.Rules.CreateMatcher();

        public ulong[] Hits { get; } = new ulong[PredicateHits.WordsFor(rules.Rules.PredicateCount)];
    }
}
