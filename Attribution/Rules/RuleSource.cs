using Microsoft.Extensions.Logging;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Pipeline.Service;

namespace TelemetryPipeline.Attribution.Rules;

/// <summary>
/// The rules in force, read again when their files change. A change counts when two looks in a row find the same, so that
/// a file is not read while it is written; files with a mistake leave the former rules in force.
/// </summary>
/// <remarks>
/// Looks at contents rather than at file events, which a file swapped behind a symbolic link does not send; patterns are
/// looked up again each time. <see cref="Current"/> is swapped as a whole: who takes it once for a batch sees one set.
/// </remarks>
internal sealed partial class RuleSource : IDisposable
{
    private readonly IReadOnlyList<string> _patterns;
    private readonly TimeSpan _interval;
    private readonly AttributeSlots _slots;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Counter _reloads;
    private readonly Counter _failedReloads;
    private readonly Lock _looking = new();
    private ulong _known;
    private ulong _lastSeen;
    private ITimer? _timer;
    private volatile RuleSet? _current;
    private volatile RuleReloadState _state = RuleReloadState.None;

    /// <summary>A source that has read nothing yet.</summary>
    /// <param name="patterns">The files, as <see cref="RuleFiles"/> takes them; none for the shipped rules.</param>
    /// <param name="interval">Time between two looks; zero for never.</param>
    /// <param name="context">The connector's surroundings.</param>
    public RuleSource(IReadOnlyList<string> patterns, TimeSpan interval, ComponentContext context)
    {
        const string Metric = "otelcol_connector_anomaly_attribution_rule_reloads";
        const string Help = "Changed rule files that were read again, by outcome.";
        _patterns = patterns;
        _interval = interval;
        _slots = context.Slots;
        _time = context.Time;
        _log = context.Loggers.CreateLogger<RuleSource>();
        var id = context.Id.ToString();
        _reloads = context.Metrics.Counter(Metric, Help, ("connector", id), ("outcome", "success"));
        _failedReloads = context.Metrics.Counter(Metric, Help, ("connector", id), ("outcome", "failure"));
        context.Metrics.Gauge(
            "otelcol_connector_anomaly_attribution_rules", "Rules in force, those that are off included.", () => _current?.Rules.Count ?? 0, ("connector", id));
        context.Metrics.Gauge(
            "otelcol_connector_anomaly_attribution_rule_files_valid",
            "1 when the rule files hold what is in force, 0 when they hold mistakes and former rules are.",
            () => _state.Errors.Count == 0 ? 1 : 0,
            ("connector", id));
    }

    /// <summary>Called with the new rules after each change, on the thread that looked; null for nobody.</summary>
    public Action<RuleSet>? Changed { get; set; }

    /// <summary>The rules in force.</summary>
    /// <exception cref="InvalidOperationException">Before <see cref="Start"/>.</exception>
    public RuleSet Current => _current ?? throw new InvalidOperationException("the rules were not loaded yet");

    /// <summary>What became of the last reading.</summary>
    public RuleReloadState State => _state;

    /// <summary>Loads the rules and begins to watch their files.</summary>
    /// <exception cref="ComponentStartException">They have mistakes.</exception>
    public void Start()
    {
        lock (_looking)
        {
            // Taken before reading: a change in between is seen as one at the next look.
            _known = _lastSeen = Fingerprint();
            var result = RuleFiles.Load(_patterns, _slots);
            if (result.Rules is null)
            {
                throw new ComponentStartException($"cannot use the rules: {string.Join("; ", result.Errors)}");
            }

            _current = result.Rules;
            _state = new RuleReloadState { LoadedAt = _time.GetUtcNow(), Files = result.Files };
        }

        if (_interval > TimeSpan.Zero && _patterns.Count > 0)
        {
            _timer ??= _time.CreateTimer(static source => ((RuleSource)source!).Look(), this, _interval, _interval);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    /// <summary>Looks whether the files have changed, and takes over what is right.</summary>
    internal void Look()
    {
        if (!_looking.TryEnter())
        {
            return;
        }

        try
        {
            var seen = Fingerprint();
            var settled = seen == _lastSeen && seen != _known;
            _lastSeen = seen;
            if (settled)
            {
                _known = seen;
                Reload();
            }
        }
        finally
        {
            _looking.Exit();
        }
    }

    private void Reload()
    {
        var result = RuleFiles.Load(_patterns, _slots);
        if (result.Rules is not { } rules)
        {
            _failedReloads.Add(1);
            _state = _state with { Errors = result.Errors, FailedAt = _time.GetUtcNow() };
            foreach (var error in result.Errors)
            {
                LogKept(error.ToString());
            }

            return;
        }

        var isSame = rules.Hash == _current?.Hash;
        _state = new RuleReloadState { LoadedAt = isSame ? _state.LoadedAt : _time.GetUtcNow(), Files = result.Files };
        if (isSame)
        {
            // Mistakes were taken back: the rules in force go on, and what they count with them.
            return;
        }

        _current = rules;
        _reloads.Add(1);
        LogReloaded(rules.Rules.Count, rules.Hash);
        Changed?.Invoke(rules);
    }

    private ulong Fingerprint() => ConfigFiles.Fingerprint(RuleFiles.Expand(_patterns, new ConfigErrors()));

    [LoggerMessage(Level = LogLevel.Information, Message = "The rule files changed: {Count} rules are in force, hash {Hash}.")]
    private partial void LogReloaded(int count, string hash);

    [LoggerMessage(Level = LogLevel.Error, Message = "The rule files changed but cannot be used, the former rules stay in force: {Problem}")]
    private partial void LogKept(string problem);
}
