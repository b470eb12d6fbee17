namespace TelemetryPipeline.Receiver.Intake;

/// <summary>Why a request body could not be taken in.</summary>
internal enum BodyProblem : byte
{
    /// <summary>It was.</summary>
    None,

    /// <summary>It exceeds the configured size, as sent or after decompression.</summary>
    TooLarge,

    /// <summary>It does not fit into the bytes that may be in flight.</summary>
    NoRoom,

    /// <summary>Its compression is damaged or incomplete.</summary>
    Damaged,

    /// <summary>It breaks HTTP: a bad chunk, or an end before <c>Content-Length</c> bytes.</summary>
    BadFraming,

    /// <summary>It ended before its declared length.</summary>
    Truncated,

    /// <summary>It goes on after its declared length.</summary>
    TrailingBytes,

    /// <summary>The client went away.</summary>
    Aborted,

    /// <summary>The client did not send it in time.</summary>
    TimedOut,
}
