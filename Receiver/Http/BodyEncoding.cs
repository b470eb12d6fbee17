namespace TelemetryPipeline.Receiver.Http;

/// <summary>How messages are written; an answer is in the encoding of its request.</summary>
internal enum BodyEncoding : byte
{
    /// <summary>The request did not say, or said something else: answers are plain text.</summary>
    Unknown,

    /// <summary><c>application/x-protobuf</c>.</summary>
    Protobuf,

    /// <summary><c>application/json</c>.</summary>
    Json,
}
