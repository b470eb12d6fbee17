using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Attribution.Evaluation;

/// <summary>What a rule of one version has done, over all sets that it was in.</summary>
/// <param name="hits">Traces it hit.</param>
/// <param name="events">Events it made, without amendments.</param>
internal sealed class RuleStats(Counter hits, Counter events)
{
    private long _lastHitMs;

    /// <summary>Traces it hit.</summary>
    public long HitCount => hits.Value;

    /// <summary>Events it made, without amendments.</summary>
    public long EventCount => events.Value;

    /// <summary>When it last hit, in milliseconds since the Unix epoch; 0 for never.</summary>
    public long LastHitMs => Volatile.Read(ref _lastHitMs);

    /// <summary>Counts a hit.</summary>
    /// <param name="nowMs">The time.</param>
    public void Hit(long nowMs)
    {
        hits.Add(1);
        Volatile.Write(ref _lastHitMs, nowMs);
    }

    /// <summary>Counts an event.</summary>
    public void Event() => events.Add(1);
}
