namespace TelemetryPipeline.Attribution.Events;

/// <summary>Where events go as soon as they are known.</summary>
internal interface IEventOutput
{
    /// <summary>Writes the event's record as it is now; counted, and left out where it is a shadow that is not wanted.</summary>
    /// <param name="attribution">The event.</param>
    void Emit(RuleEvent attribution);
}
