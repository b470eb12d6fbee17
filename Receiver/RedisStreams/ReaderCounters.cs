using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Receiver.Intake;

namespace TelemetryPipeline.Receiver.RedisStreams;

/// <summary>What the reader of a key counts.</summary>
internal sealed class ReaderCounters
{
    private const string Prefix = "otelcol_receiver_redis_streams_";
    private const string Transport = "redis_streams";

    private readonly MetricRegistry _metrics;
    private readonly string _receiver;
    private readonly string _key;
    private readonly IntakeCounters[] _items = new IntakeCounters[SignalNames.Count];
    private long _lag;
    private long _pending;

    public ReaderCounters(string key, ComponentContext context)
    {
        _metrics = context.Metrics;
        _receiver = context.Id.ToString();
        _key = key;
        foreach (var signal in SignalNames.All)
        {
            _items[(int)signal] = new IntakeCounters(signal, Transport, context);
        }

        Acknowledged = Counter("acknowledged_entries", "Entries that a pipeline accepted and that were acknowledged.");
        Claimed = Counter("claimed_entries", "Entries taken over from consumers that went silent.");
        Gauge("lag_entries", "Entries that no consumer of the group has read yet; -1 where Redis cannot tell.", () => Volatile.Read(ref _lag));
        Gauge("pending_entries", "Entries read and not yet acknowledged, of all consumers of the group.", () => Volatile.Read(ref _pending));
    }

    public Counter Acknowledged { get; }

    public Counter Claimed { get; }

    /// <summary>Items of a signal, under the names of all receivers.</summary>
    public IntakeCounters Items(Signal signal) => _items[(int)signal];

    /// <summary>What Redis says of the group.</summary>
    public void SetGroup(long? lag, long pending)
    {
        Volatile.Write(ref _lag, lag ?? -1);
        Volatile.Write(ref _pending, pending);
    }

    /// <summary>An entry went to the dead letters.</summary>
    public void DeadLetter(string reason) => _metrics.Counter(
        Prefix + "dead_letters", "Entries written to the dead letters, by reason.",
        ("receiver", _receiver), ("stream", _key), ("reason", reason)).Add(1);

    /// <summary>Redis, or the way to it, did not carry out a command.</summary>
    public void Failed(string reason) => _metrics.Counter(
        Prefix + "failed_commands", "Commands that Redis or the way to it did not carry out, by reason.",
        ("receiver", _receiver), ("stream", _key), ("reason", reason)).Add(1);

    private Counter Counter(string name, string help) => _metrics.Counter(Prefix + name, help, ("receiver", _receiver), ("stream", _key));

    private void Gauge(string name, string help, Func<double> read) =>
        _metrics.Gauge(Prefix + name, help, read, ("receiver", _receiver), ("stream", _key));
}
