using System.Net;
using Microsoft.Extensions.Logging;
using TelemetryPipeline.Attribution.Events;
using TelemetryPipeline.Attribution.Evaluation;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Attribution;

/// <summary>
/// Says why transfers fail: asks rules about spans as they pass, follows each failure to the node where it began, and hands
/// on what it found as OTLP logs.
/// </summary>
internal sealed partial class AnomalyAttributionConnector : IConnector
{
    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(50);

    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly RuleSource _source;
    private readonly EventOutbox _outbox;
    private readonly ConnectorMetrics _metrics;
    private readonly PageListener? _listener;
    private readonly TimeSpan _reloadInterval;
    private readonly Lock _using = new(); // ticks and changes of the rules, one at a time
    private readonly Action<ComponentStatus, string> _reportStatus;
    private readonly TaskCompletionSource _stopping = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly BackgroundWork _background;
    private Task _ticking = Task.CompletedTask;
    private Task _reloading = Task.CompletedTask;
    private Task _pumping = Task.CompletedTask;

    public AnomalyAttributionConnector(ComponentContext context, AnomalyAttributionConfig config, Outlet outlet)
    {
        _logger = context.Loggers.CreateLogger(context.Id.ToString());
        _time = context.Time;
        _reportStatus = context.ReportStatus;
        _reloadInterval = config.ReloadInterval;
        _background = context.Background;
        _pace = new LogThrottle(_time);
        var counts = new EvaluationMetrics(context.Metrics, context.Id.ToString());
        Attributor = new Attributor(config.Evaluation, _time, counts);
        _source = new RuleSource(config.RulesFiles, context.Slots, _time);
        _outbox = new EventOutbox(outlet, config.EventQueueSize, this, _background.Watch("event_outbox"), _time);
        _metrics = new ConnectorMetrics(counts, Attributor, _outbox);
        counts.Gauge("rule_files_valid", "Whether the rule files, as they were last read, are right: 1, or 0.", () => _source.Status.Errors.Count == 0 ? 1 : 0);
        if (config.QueryEndpoint is { } endpoint)
        {
            var api = new RulesApi(Attributor, _source);
            _listener = new PageListener(new PageServer(endpoint, api.Answer, context.Loggers, config.QueryAllowedHosts), context);
        }
    }

    /// <summary>Judges the traces.</summary>
    internal Attributor Attributor { get; }

    /// <summary>Where <c>/api/rules</c> listens; null while it does not.</summary>
    internal IPEndPoint? QueryAddress => _listener?.Address;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellation)
    {
        Send(Attributor.Use(_source.Load()));
        LogRules(Attributor.Rules.Rules.Count, _source.Status.Hash);
        if (_listener is not null)
        {
            await _listener.StartAsync(cancellation).ConfigureAwait(false);
        }

        _ticking = EveryAsync("tick", TickInterval, Tick);
        if (_source.HasFiles && _reloadInterval > TimeSpan.Zero)
        {
            _reloading = EveryAsync("rule_reload", _reloadInterval, Reload);
        }
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellation)
    {
        if (!_stopping.TrySetResult())
        {
            return;
        }

        if (_listener is not null)
        {
            await _listener.StopAsync(cancellation).ConfigureAwait(false);
        }

        await _ticking.ConfigureAwait(false);
        await _reloading.ConfigureAwait(false);
        Send(Attributor.Flush());
        await _outbox.DrainAsync(cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>Always accepts: sending spans again would not help, and events wait in a queue of their own.</remarks>
    public ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        Send(Attributor.Take(batch));
        return new(ConsumeResult.Accepted);
    }

    /// <summary>Lets time pass: what happens twenty times a second.</summary>
    internal void Tick()
    {
        lock (_using)
        {
            Send(Attributor.Tick());
        }

        if (_pumping.IsCompleted)
        {
            _pumping = _outbox.PumpAsync(CancellationToken.None);
        }
    }

    /// <summary>Looks whether the rule files have changed.</summary>
    internal void Reload()
    {
        if (!_source.TryReload(out var rules))
        {
            return;
        }

        if (rules is null)
        {
            OnReloadFailed(_source.Status.Problem);
            return;
        }

        OnReloaded(rules.Rules.Count, _source.Status.Hash);
        lock (_using)
        {
            Send(Attributor.Use(rules));
        }
    }

    private void Send(OtlpChunk? events)
    {
        if (events is not null)
        {
            _outbox.Send(events);
        }
    }

    private Task EveryAsync(string loop, TimeSpan interval, Action act)
    {
        return _background.RepeatEveryAsync(loop, interval, Step, _stopping.Task);

        ValueTask<bool> Step()
        {
            act();
            return new(true);
        }
    }
}
