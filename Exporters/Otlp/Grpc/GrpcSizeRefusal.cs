namespace TelemetryPipeline.Exporters.Otlp.Grpc;

/// <summary>
/// Recognizes the answer of a server to a message above its limit. gRPC has no status of its own for it, so the text of
/// RESOURCE_EXHAUSTED (in Rust OUT_OF_RANGE) tells it from an exhausted quota, for which smaller messages are no remedy.
/// </summary>
internal static class GrpcSizeRefusal
{
    // Go, C++, Python, Node: "Received message larger than max (6291456 vs. 4194304)".
    // Go, after decompression: "received message after decompression larger than max 4194304".
    // Rust: "message length too large: found 6291456 bytes, the limit is: 4194304 bytes". Armeria: "content length too large".
    private static readonly string[] Texts = ["larger than max", "too large", "too long"];

    // Java: "gRPC message exceeds maximum size 4194304: 6291456".
    // .NET: "Received message exceeds the maximum configured message size".
    // This collector: "the request exceeds the limit of 4194304 bytes".
    private const string Exceeds = "exceeds";
    private static readonly string[] Units = ["size", "bytes"];

    /// <summary>Whether a status refuses a message for its size.</summary>
    /// <param name="code">The status, which came without <c>RetryInfo</c>.</param>
    /// <param name="message">Its text.</param>
    public static bool IsOne(GrpcStatusCode code, string message) =>
        code is GrpcStatusCode.ResourceExhausted or GrpcStatusCode.OutOfRange
        && (Array.Exists(Texts, text => Holds(message, text))
            || (Holds(message, Exceeds) && Array.Exists(Units, unit => Holds(message, unit))));

    private static bool Holds(string message, string text) => message.Contains(text, StringComparison.OrdinalIgnoreCase);
}
