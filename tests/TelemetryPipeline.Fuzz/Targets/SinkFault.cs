namespace TelemetryPipeline.Fuzz.Targets;

/// <summary>What pipelines do with a batch.</summary>
internal enum SinkFault
{
    None,
    RejectsOne,
    RejectsTooMany,
    Full,
    RateLimited,
    Throws,
    NotAdmitted,
    AdmissionThrows,
}
