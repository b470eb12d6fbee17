using TelemetryPipeline.Processors.FieldEncryption.Format;

namespace TelemetryPipeline.Processors.FieldEncryption.Keys;

/// <summary>Knows which key of a tenant encrypts. Thread-safe; never waits.</summary>
internal interface IKeyRing
{
    /// <summary>The key that encrypts now.</summary>
    /// <param name="now">The time.</param>
    /// <param name="reason">Why there is none, where there is none.</param>
    FieldKey? Current(DateTimeOffset now, out RedactionReason reason);
}
