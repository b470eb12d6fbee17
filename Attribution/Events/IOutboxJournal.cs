using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Attribution.Events;

/// <summary>Counts and logs what becomes of events on their way out.</summary>
internal interface IOutboxJournal
{
    /// <summary>The next pipeline took events.</summary>
    void OnSent(int events);

    /// <summary>The next pipeline does not take events now; they are kept.</summary>
    void OnRefused(ConsumeResult result);

    /// <summary>The next pipeline refused events for good, some or all of them.</summary>
    void OnRejected(int events, ConsumeResult result);

    /// <summary>Events were lost here.</summary>
    void OnDropped(int events, string reason);
}
